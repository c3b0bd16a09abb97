"""Words that say nothing about a trouble: left out when complaints are grouped by their words."""

from typing import Final

_CHINESE: Final = """
一下 一个 一个月 一些 一件 一周 一天 一年 一条 一样 一次 一点 一直 一般 一起 三天 上午 上周 上月
上次 下午 下来 下次 不会 不好意思 不是 不用 不能 不要 不过 东西 两个 两个月 两周 两天 两次 个
个月 中午 为了 为什么 之前 之后 也是 买 买的 了 事情 于是 产品 什么 今天 今年 他们 以前 以及
以后 任何 但是 你们 你好 使用 俩 做 元 先生 全部 公司 其他 其它 再次 几个 几天 几次 出去 出来
出现 刚刚 刚才 到 前天 半个月 半天 即使 原因 去 去年 又 反映 发现 只是 只有 叫 可以 可是 可能
各位 同时 后来 告诉 周一 周三 周二 周五 周六 周四 周日 周末 哪里 商品 商家 商店 回复 回家 回来
因为 地方 块 块钱 处理 多次 大家 大概 大约 天 太 女士 她们 好像 如果 如此 它们 完全 客户 对不起
对于 小时 就是 尽快 左右 已 已经 希望 年 应该 店 店员 店家 店里 店长 开始 当天 当时 很 很多 怎么
怎样 总是 您好 情况 想 感觉 感谢 我 我们 或者 所以 所有 才 打算 投诉 抱怨 拿到 收到 收货 时候
时间 明天 星期 昨天 是否 月 有些 有人 有点 朋友 望 本人 本店 本来 来 某 根本 次 比较 没有 然后
然而 特别 现在 现场 甚至 用 的 的话 目前 直接 看 真的 知道 确实 立刻 第一次 第三 第二 第二天
等等 结果 给 继续 老板 而且 能否 自己 至今 虽然 表示 要求 觉得 解决 认为 让 许多 说 说是 请 请问
谢谢 购买 购物 贵司 贵店 起来 过来 还是 还有 这个 这么 这些 这件 这样 这次 这种 这里 进行 通过
那个 那么 那些 那样 那里 部分 都 里面 钟 门店 问题 非常 顾客 首先 麻烦
"""
_ENGLISH: Final = """
about after again ago all already also always and another any anything are aren around asked
back because been before being between both bought but buy came can cannot cant come complain
complaint could couldn customer day days did didn does doesn doing don done during each else
even ever every few first for from get gets getting give given goes going gone got had has hasn
have haven having hello her here him his how into isn issue item its itself just kindly know
last later less like made make many may maybe means might minute month months more most much
must myself never new next nothing now off often once one only onto other our out over own
please problem product purchase purchased really said same say says see seem seems sent she shop
should since some something soon still store such take taken than thank thanks that the their
them then there these they thing things this those three through time today told too took tried
two under until upon use used using very via want wanted was wasn week weeks well went were what
when where whether which while who whom whose why will with within without won would wouldn year
years yes yesterday yet you your
"""
STOPPED: Final = frozenset((*_CHINESE.split(), *_ENGLISH.split()))
"""What is left out, Chinese and English."""

TELLING: Final = frozenset("痒痛疼肿臭漏碎裂咸酸馊脏黑慢贵假冷霉苦掉断松硬短坏红烫吵黄锈刺闷辣油")
"""Single characters that say what is wrong; all others are left out."""

DENYING: Final = frozenset(["不", "没", "没有", "无", "未", "別", "别", "勿", "非"])
"""Words that turn the next one round, and so are kept with it."""
