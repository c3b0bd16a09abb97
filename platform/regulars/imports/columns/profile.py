"""The deeper attributes of a customer: days (P8), answers (P3), consent (P5)."""

from django.utils.translation import gettext_lazy as _

from regulars.imports.columns.attributes import attribute

DAYS = (
    attribute(
        "event.wedding",
        _("Wedding day"),
        "birthday",
        """结婚纪念日 · 结婚日期 · 婚期 · 结婚日 · wedding day · wedding date
        wedding anniversary""",
    ),
    attribute(
        "event.anniversary",
        _("Anniversary"),
        "birthday",
        "纪念日 · 周年纪念日 · 重要日子 · anniversary",
    ),
    attribute(
        "event.child-birthday",
        _("Child's birthday"),
        "birthday",
        "孩子生日 · 小孩生日 · 子女生日 · 宝宝生日 · 儿童生日 · child birthday · baby birthday",
    ),
    attribute(
        "event.moving",
        _("Moving day"),
        "birthday",
        "搬家日期 · 入住日期 · 乔迁日期 · 搬家日 · 交房日期 · moving day · moving date",
    ),
)

ANSWERS = tuple(
    attribute(f"profile.{key}", label, "text", headings, limit=200)
    for key, label, headings in (
        (
            "occupation",
            _("Occupation"),
            "职业 · 职位 · 工作 · 行业 · occupation · job · profession",
        ),
        ("education", _("Education"), "学历 · 教育程度 · 文化程度 · education · degree"),
        (
            "income",
            _("Income band"),
            "收入 · 月收入 · 年收入 · 收入水平 · 家庭收入 · income · income band · income range",
        ),
        (
            "marital",
            _("Married or single"),
            "婚姻 · 婚姻状况 · 婚否 · 婚姻状态 · 是否已婚 · marital status · married",
        ),
        ("spouse", _("Spouse"), "配偶 · 配偶姓名 · 爱人 · spouse · partner"),
        (
            "children",
            _("Children"),
            """孩子 · 子女 · 小孩 · 子女数 · 孩子数量 · 子女情况 · 是否有孩子 · children · kids
            kids count · number of children""",
        ),
        (
            "family",
            _("Family"),
            """家庭 · 家庭成员 · 家庭情况 · 家庭结构 · family · household comp
            household composition""",
        ),
        (
            "household-size",
            _("People in the household"),
            "家庭人数 · 家庭人口 · 家庭人口数 · household size · family size",
        ),
        (
            "home",
            _("Home"),
            "住房 · 住房情况 · 房屋类型 · 居住情况 · home ownership · housing · homeowner desc",
        ),
        ("personality", _("Personality"), "性格 · 性格特点 · 个性 · personality · character"),
        (
            "spending-habits",
            _("Spending habits"),
            "消费习惯 · 消费特点 · 购物习惯 · spending habits",
        ),
        ("colours", _("Favourite colours"), "颜色偏好 · 喜欢的颜色 · 喜爱颜色 · favourite colour"),
        ("hobbies", _("Hobbies"), "爱好 · 兴趣 · 兴趣爱好 · 喜好 · hobby · hobbies · interests"),
        ("way-of-life", _("Way of life"), "生活方式 · 生活习惯 · way of life · lifestyle"),
        ("service-style", _("Preferred service"), "服务偏好 · 服务方式 · 接待偏好 · service style"),
        (
            "promotions",
            _("Attitude to promotions"),
            "对促销的态度 · 促销态度 · 促销偏好 · 活动态度 · attitude to promotions",
        ),
        (
            "experience",
            _("What matters in a shop"),
            "看重什么 · 看重 · 关注点 · 购物关注 · what matters",
        ),
        ("money", _("Attitude to money"), "金钱观 · 消费观 · 消费观念 · attitude to money"),
        ("ethnicity", _("Ethnicity"), "民族 · 族裔 · ethnicity"),
    )
)

CONSENT = tuple(
    attribute(f"consent.{purpose}", label, "boolean", headings)
    for purpose, label, headings in (
        (
            "selling",
            _("Agrees to news and offers"),
            """是否同意营销 · 同意营销 · 接受营销 · 是否接受推广 · 营销同意 · 是否订阅 · 订阅
            accepts marketing · marketing consent · opt in · marketing opt in · subscribed""",
        ),
        (
            "selling.sms",
            _("Agrees to offers by text message"),
            """是否接收短信 · 接收短信 · 短信订阅 · 同意短信 · 短信营销 · 短信同意 · 是否同意短信
            accepts sms marketing · sms consent · sms opt in · sms marketing""",
        ),
        (
            "selling.email",
            _("Agrees to offers by e-mail"),
            """是否接收邮件 · 邮件订阅 · 邮件同意
            accepts email marketing · email consent · email opt in · newsletter""",
        ),
        (
            "selling.wechat",
            _("Agrees to offers by WeChat"),
            "微信同意 · 微信订阅 · 是否接收微信 · wechat consent",
        ),
        (
            "care.call",
            _("Agrees to calls"),
            """是否接受电话 · 同意电话回访 · 是否接受回访 · 接受回访 · 电话回访 · 电话同意
            phone consent · call consent · accepts calls""",
        ),
        (
            "event.child-birthday",
            _("Agrees that a child's birthday is kept"),
            """同意保存孩子生日 · 同意记录孩子生日 · 孩子生日授权 · child birthday consent""",
        ),
    )
)
"""Purpose, and channel where it is for one only."""
