"""The attributes of a file of customers (P1, P2)."""

from django.utils.translation import gettext_lazy as _

from regulars.imports.columns import profile
from regulars.imports.columns.attributes import attribute, split

_WHO = (
    attribute(
        "id",
        _("Our id"),
        "uuid",
        "熟客ID · 熟客编号 · Regulars id · our id",
        weak="id · uuid",
    ),
    attribute(
        "external_number",
        _("Number in another system"),
        "identifier",
        """客户编号 · 顾客编号 · 客户编码 · 客户代码 · 客户号 · 顾客号 · 客户ID · 顾客ID · 客编
        外部编号 · 外部号 · 旧系统编号 · 系统编号 · 用户ID · 用户编号 · 买家ID · 档案号
        customer id · customer number · customer no · customer code · external id · client id
        external number · client number · household id · user id · account number""",
        weak="编号 · number · account · reference",
        limit=80,
    ),
    attribute(
        "member_code",
        _("Member code"),
        "identifier",
        """会员号 · 会员编号 · 会员编码 · 会员代码 · 会员码 · 会员ID · VIP号 · VIP编号 · 贵宾号
        会籍编号 · member code · member number · member no · member id · membership number
        membership id · loyalty number · loyalty id""",
        limit=40,
    ),
    attribute(
        "card",
        _("Card number"),
        "identifier",
        """卡号 · 会员卡号 · VIP卡号 · 贵宾卡号 · 卡面号 · 实体卡号 · 会员卡 · 储值卡号 · 卡编号
        card · card number · card no · member card · membership card · loyalty card""",
        limit=80,
    ),
    attribute(
        "name",
        _("Name"),
        "name",
        """姓名 · 名字 · 客户姓名 · 顾客姓名 · 会员姓名 · 会员名称 · 会员名 · 客户名称 · 客户名
        顾客名称 · 顾客名 · 真实姓名 · 中文姓名 · 联系人 · 联系人姓名 · 用户姓名 · 客人姓名 · name
        full name · customer name · member name · client name · contact name""",
        weak="客户 · 顾客 · 会员 · 称呼 · 昵称 · 微信昵称 · customer · member · client · nickname",
        limit=80,
    ),
    attribute(
        "family_name",
        _("Family name"),
        "name",
        "姓 · 姓氏 · last name · surname · family name",
        limit=80,
    ),
    attribute(
        "given_name",
        _("Given name"),
        "name",
        "名 · first name · given name · forename",
        limit=80,
    ),
    attribute(
        "phone",
        _("Phone"),
        "phone",
        """手机 · 手机号 · 手机号码 · 手机电话 · 移动电话 · 行动电话 · 流动电话 · 手提电话 · 手提
        电话 · 电话号码 · 联系电话 · 联系手机 · 联系号码 · 联系方式 · 联络电话 · 注册手机
        绑定手机 · phone · phone number · phone no · mobile · mobile number · mobile no
        mobile phone · cell · cell phone · telephone · telephone number · tel · tel no
        contact number · contact phone""",
        weak="固定电话 · 座机 · 家庭电话 · 备用电话 · 其他电话 · 收货人手机 · 收件人电话 · contact",
    ),
    attribute(
        "email",
        _("E-mail"),
        "email",
        """邮箱 · 电子邮箱 · 邮件 · 电子邮件 · 电邮 · 邮箱地址 · 邮件地址 · 电邮地址 · email
        e-mail · mail · email address · e-mail address""",
    ),
)

_PERSON = (
    attribute(
        "gender",
        _("Gender"),
        "gender",
        "性别 · 称谓 · gender · sex · title · salutation",
    ),
    attribute(
        "birthday",
        _("Birthday"),
        "birthday",
        """生日 · 出生日期 · 出生年月日 · 生日日期 · 出生日 · 公历生日 · 阳历生日 · 生日公历
        生日阳历 · 新历生日 · 国历生日 · birthday · birth date · date of birth · dob · born
        born on""",
        weak="出生年月 · 出生",
    ),
    attribute(
        "lunar_birthday",
        _("Lunar birthday"),
        "lunar_birthday",
        """农历生日 · 阴历生日 · 旧历生日 · 生日农历 · 生日阴历 · 农历出生日期 · 农历 · 阴历
        lunar birthday · birthday lunar""",
    ),
    attribute(
        "birthday_calendar",
        _("Calendar of the birthday"),
        "calendar",
        """生日类型 · 生日历法 · 历法 · 是否农历 · 是否阴历 · 公历农历 · 阳历阴历 · 生日类别
        birthday calendar · is lunar · calendar""",
    ),
    attribute(
        "age_band",
        _("Age or age band"),
        "text",
        "年龄 · 年龄段 · 年龄层 · 年龄范围 · 岁数 · age · age band · age group · age range",
        limit=10,
    ),
    attribute(
        "province",
        _("Province"),
        "text",
        "省 · 省份 · 省市 · 所在省 · 所在省份 · 州 · province · state",
        limit=40,
    ),
    attribute(
        "city",
        _("City"),
        "text",
        "市 · 城市 · 所在城市 · 地市 · 居住城市 · 县市 · city · town",
        limit=60,
    ),
    attribute(
        "district",
        _("District"),
        "text",
        "区 · 区县 · 县区 · 行政区 · 县 · 乡镇 · 街道 · district · county · suburb",
        limit=60,
    ),
    attribute(
        "address",
        _("Address"),
        "text",
        """地址 · 详细地址 · 联系地址 · 家庭地址 · 住址 · 家庭住址 · 居住地址 · 通讯地址
        通信地址 · 收货地址 · address · street · street address · address line 1 · address line 2
        address 1 · address 2 · home address""",
        many=True,
        limit=200,
    ),
    attribute(
        "postcode",
        _("Postcode"),
        "identifier",
        "邮编 · 邮政编码 · 邮递区号 · postcode · zip · zip code · postal code",
        limit=12,
    ),
)

_SHOP = (
    attribute(
        "home_store",
        _("Home store"),
        "reference",
        """门店 · 所属门店 · 归属门店 · 开卡门店 · 入会门店 · 办卡门店 · 注册门店 · 主门店
        门店名称 · 门店编号 · 门店编码 · 门店代码 · 店铺 · 店铺名称 · 所属店铺 · 店名 · 店号
        店别 · 分店 · 所属分店 · 归属店铺 · 专柜 · 会所 · 开卡店 · 所属店 · 餐厅 · store
        home store · store name · store code · store id · store no · shop · branch · outlet
        location""",
        weak="机构 · 组织 · 所属机构 · 部门",
        limit=80,
    ),
    attribute(
        "owner",
        _("Guide"),
        "reference",
        """导购 · 专属导购 · 所属导购 · 导购员 · 导购姓名 · 导购编号 · 导购工号 · 服务导购 · 顾问
        服务顾问 · 专属顾问 · 美容顾问 · 美容师 · 销售顾问 · 客户经理 · 营业员 · 店员 · 销售员
        开卡人 · 开卡员工 · 维护人 · 跟进人 · 负责人 · 归属导购 · 发展人 · 归属员工 · 管家 · guide
        owner · advisor · adviser · salesperson · sales person · sales rep · stylist
        sales assistant · assistant · account manager · consultant""",
        weak="员工 · 工号 · 业务员 · 销售 · staff · employee · sales",
        limit=80,
    ),
    attribute(
        "joined_at",
        _("Joined on"),
        "moment",
        """入会时间 · 入会日期 · 注册时间 · 注册日期 · 开卡时间 · 开卡日期 · 办卡日期 · 办卡时间
        建档日期 · 建档时间 · 加入日期 · 加入时间 · 成为会员时间 · 登记日期 · 发卡日期 · joined
        joined on · joined at · join date · date joined · registered · registered on
        registration date · signup date · member since · customer since""",
        weak="创建时间 · 创建日期 · 录入时间 · created at · created · create time · date created",
    ),
    attribute(
        "tags",
        _("Tags"),
        "tags",
        "标签 · 客户标签 · 会员标签 · 客户分类 · tags · tag · labels",
        many=True,
    ),
    attribute(
        "note",
        _("Note"),
        "note",
        """备注 · 备注信息 · 说明 · 附注 · 客户备注 · 会员备注 · note · notes · remark · remarks
        comment · comments""",
        many=True,
        limit=2000,
    ),
    attribute(
        "opening_points",
        _("Opening points"),
        "points",
        """积分 · 当前积分 · 可用积分 · 剩余积分 · 积分余额 · 现有积分 · 期初积分 · 红利点数
        点数 · points · points balance · opening points · current points · available points
        loyalty points""",
    ),
    attribute(
        "opening_principal",
        _("Opening stored value, principal"),
        "money",
        """储值余额 · 余额 · 本金 · 储值本金 · 本金余额 · 储值 · 卡余额 · 充值余额 · 账户余额
        卡内余额 · stored value · balance · principal · account balance · card balance""",
    ),
    attribute(
        "opening_bonus",
        _("Opening stored value, bonus"),
        "money",
        "赠金 · 赠送余额 · 赠送金额 · 赠金余额 · 赠送金 · bonus · bonus balance",
    ),
)

ATTRIBUTES = (*_WHO, *_PERSON, *_SHOP, *profile.DAYS, *profile.ANSWERS, *profile.CONSENT)

IDENTIFYING = ("id", "external_number", "member_code", "card", "phone")
"""What can tell one customer from another; a file needs at least one of them."""

LEFT_OUT = split(
    """会员等级 · 客户等级 · 等级 · 级别 · VIP等级 · 卡类型 · 卡级别 · 卡种 · 折扣 · 会员折扣
    状态 · 会员状态 · 卡状态 · 累计消费 · 累计消费金额 · 消费金额 · 消费总额 · 消费次数 · 累计积分
    历史积分 · 最后消费时间 · 最近消费日期 · 最后消费日期 · 首次消费时间 · 推荐人 · 介绍人
    推荐人手机 · 身份证 · 身份证号 · 证件号码 · 证件号 · 证件类型 · 序号 · 行号 · 密码 · 头像
    导购手机 · 导购电话 · 门店电话 · 门店地址 · 店铺电话 · 店铺地址 · 店长手机 · 紧急联系人
    紧急联系电话 · 配偶生日 · 有效期 · 到期日期 · 更新时间 · 修改时间 · 传真 · 国家 · 微信
    微信号 · QQ · 来源 · 渠道 · 手机型号 · 手机品牌 · tier · level · status · total spent
    total orders · last order · last purchase · id card · password · referrer · referred by
    updated at · fax · country · source · channel · week""",
)
"""Headings that are known and mean nothing we take in; they must not pass for something else."""
