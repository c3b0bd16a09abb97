"""Words that the law forbids in advertising: 《广告法》 article 9 (3) and its practice."""

from typing import Final

from regulars.kit.lint.rules import chinese, english

# Time, order, advice, and what the customer likes: not what the goods are.
HARMLESS: Final = chinese(
    """
    最(?:近|后|终|初|起码|多|少|晚|迟|早)
    最好(?=是|先|别|不|在|提|把|能|趁|也|再|用温|用冷|约|问|早|带|让|避|每|当|穿|隔)
    (?:您|你)最好  最(?:喜欢|爱|想|关心|在意|重要|难忘|惦记|常|怕|要紧|美好|亲)
    最高(?:可?(?:减|省|享|返|抵|立|优惠|补))  最低消费
    第一(?:时间|次|天|个|位|步|年|份|件|遍|批|排|锅|口|眼|站|课|杯|道|周|月|季|场)
    第一(?:缕|张|条|双|只|枚)
    第一(?:轮|名(?!牌)|碗|桌|家|声|回|手|印象|线|盘|期|顿|封|段|篇|反应|感觉|晚|夜|束)  星期一
    独一无二的您
    """
)
# Where even `第一名` is a claim.
CLAIMS: Final = chinese(
    """
    (?:销量|销售|全国|全球|世界|亚洲|中国|行业|全[网市]|本市)~{0,4}第一
    (?:业内|排名|口碑|品质|质量|人气|市场)~{0,4}第一
    """
)
CHINESE: Final = chinese(
    """
    最[\u4e00-\u9fff]  第一  (?:国家|世界|宇宙|国际|全球|史诗|骨灰|殿堂)级  顶[级尖]  极[品致]
    首选  唯一  绝无仅有  史无前例  前所未有  无与伦比  独一无二  遥遥领先
    (?:世界|国际|全国|全球|行业)领先  领[导袖]品牌  (?:销[量售]?|人气)冠军?  销冠
    (?:全国|全网|全球|全城|全市|行业|中国)首[家创发]  万能  绝对  永久  根治  治愈  王牌  巅峰
    终极  特供  专供  驰名商标  免检  (?:no|top)[.]?1(?![0-9])
    (?:100%|百分百)(?:有效|治愈|安全|满意|见效)
    """
)
ENGLISH: Final = english(
    """
    (?:no[.]?|number|nr[.]?|#) ?(?:1|one)
    world'?s (?:best|finest|first|leading|only|cheapest|greatest|number)
    world class
    the best (?:[a-z]{1,15} ){1,3}(?:in|of) (?:china|town|asia|the (?:city|world|country))
    (?:national|state) level
    the only (?:[a-z-]{1,15} ){1,3}in (?:china|town|asia|the city)
    unrivall?ed|unbeatable|unmatched|lowest prices?|cheapest|market leader|best in class
    guaranteed (?:cures?|results?)
    100% (?:effective|safe)
    the finest
    """
)
