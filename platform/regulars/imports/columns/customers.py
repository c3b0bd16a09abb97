"""The attributes of a file of customers (P1, P2, P3, P8)."""

from django.utils.translation import gettext_lazy as _

from regulars.imports.columns.attributes import Attribute, words

_WHO = (
    Attribute(
        key="id",
        label=_("Our id"),
        reads="uuid",
        words=words("熟客ID · 熟客编号 · Regulars id · our id"),
        weak=words("id · uuid"),
    ),
    Attribute(
        key="external_number",
        label=_("Number in another system"),
        reads="identifier",
        limit=80,
        words=words(
            "客户编号 · 顾客编号 · 客户编码 · 客户代码 · 客户号 · 顾客号 · 客户ID · 顾客ID · 客编 · "
            "外部编号 · 外部号 · 旧系统编号 · 系统编号 · 用户ID · 用户编号 · 买家ID · 档案号 · "
            "customer id · customer number · customer no · customer code · external id · "
            "external number · client id · client number · household id · user id · account number"
        ),
        weak=words("编号 · 序号ID · number · account · reference"),
    ),
    Attribute(
        key="member_code",
        label=_("Member code"),
        reads="identifier",
        limit=40,
        words=words(
            "会员号 · 会员编号 · 会员编码 · 会员代码 · 会员码 · 会员ID · VIP号 · VIP编号 · 贵宾号 · "
            "会籍编号 · member code · member number · member no · member id · membership number · "
            "membership id · loyalty number · loyalty id"
        ),
    ),
    Attribute(
        key="card",
        label=_("Card number"),
        reads="identifier",
        limit=80,
        words=words(
            "卡号 · 会员卡号 · VIP卡号 · 贵宾卡号 · 卡面号 · 实体卡号 · 会员卡 · 储值卡号 · 卡编号 · "
            "card · card number · card no · member card · membership card · loyalty card"
        ),
    ),
    Attribute(
        key="name",
        label=_("Name"),
        reads="name",
        limit=80,
        words=words(
            "姓名 · 名字 · 客户姓名 · 顾客姓名 · 会员姓名 · 会员名称 · 会员名 · 客户名称 · 客户名 · "
            "顾客名称 · 顾客名 · 真实姓名 · 中文姓名 · 联系人 · 联系人姓名 · 用户姓名 · 客人姓名 · "
            "name · full name · customer name · member name · client name · contact name"
        ),
        weak=words("客户 · 顾客 · 会员 · 称呼 · 昵称 · 微信昵称 · customer · member · client · nickname"),
    ),
    Attribute(
        key="family_name",
        label=_("Family name"),
        reads="name",
        limit=80,
        words=words("姓 · 姓氏 · last name · surname · family name"),
    ),
    Attribute(
        key="given_name",
        label=_("Given name"),
        reads="name",
        limit=80,
        words=words("名 · first name · given name · forename"),
    ),
    Attribute(
        key="phone",
        label=_("Phone"),
        reads="phone",
        words=words(
            "手机 · 手机号 · 手机号码 · 手机电话 · 移动电话 · 行动电话 · 流动电话 · 手提电话 · "
            "手提 · 电话 · 电话号码 · 联系电话 · 联系手机 · 联系号码 · 联系方式 · 联络电话 · "
            "注册手机 · 绑定手机 · 会员手机 · "
            "phone · phone number · phone no · mobile · mobile number · mobile no · mobile phone · "
            "cell · cell phone · cellphone · telephone · telephone number · tel · tel no · "
            "contact number · contact phone"
        ),
        weak=words("固定电话 · 座机 · 家庭电话 · 备用电话 · 其他电话 · 收货人手机 · 收件人电话 · contact"),
    ),
    Attribute(
        key="email",
        label=_("E-mail"),
        reads="email",
        words=words(
            "邮箱 · 电子邮箱 · 邮件 · 电子邮件 · 电邮 · 邮箱地址 · 邮件地址 · 电邮地址 · "
            "email · e-mail · mail · email address · e-mail address"
        ),
    ),
)

_PERSON = (
    Attribute(
        key="gender",
        label=_("Gender"),
        reads="gender",
        words=words("性别 · 客户性别 · 会员性别 · 称谓 · gender · sex · title · salutation"),
    ),
    Attribute(
        key="birthday",
        label=_("Birthday"),
        reads="birthday",
        words=words(
            "生日 · 出生日期 · 出生年月日 · 生日日期 · 出生日 · 公历生日 · 阳历生日 · 生日公历 · "
            "生日阳历 · 新历生日 · 国历生日 · 会员生日 · "
            "birthday · birth date · birthdate · date of birth · dob · born · born on"
        ),
        weak=words("出生年月 · 出生"),
    ),
    Attribute(
        key="lunar_birthday",
        label=_("Lunar birthday"),
        reads="lunar_birthday",
        words=words(
            "农历生日 · 阴历生日 · 旧历生日 · 生日农历 · 生日阴历 · 农历出生日期 · 农历 · 阴历 · "
            "lunar birthday · birthday lunar"
        ),
    ),
    Attribute(
        key="birthday_calendar",
        label=_("Calendar of the birthday"),
        reads="calendar",
        words=words(
            "生日类型 · 生日历法 · 历法 · 是否农历 · 是否阴历 · 公历农历 · 阳历阴历 · 生日类别 · "
            "birthday calendar · is lunar · calendar"
        ),
    ),
    Attribute(
        key="age_band",
        label=_("Age or age band"),
        reads="text",
        limit=10,
        words=words("年龄 · 年龄段 · 年龄层 · 年龄范围 · 岁数 · age · age band · age group · age range"),
    ),
    Attribute(
        key="province",
        label=_("Province"),
        reads="text",
        limit=40,
        words=words("省 · 省份 · 省市 · 所在省 · 所在省份 · 州 · province · state · region"),
    ),
    Attribute(
        key="city",
        label=_("City"),
        reads="text",
        limit=60,
        words=words("市 · 城市 · 所在城市 · 地市 · 居住城市 · 县市 · city · town"),
    ),
    Attribute(
        key="district",
        label=_("District"),
        reads="text",
        limit=60,
        words=words("区 · 区县 · 县区 · 行政区 · 县 · 乡镇 · 街道 · district · county · suburb"),
    ),
    Attribute(
        key="address",
        label=_("Address"),
        reads="text",
        limit=200,
        many=True,
        words=words(
            "地址 · 详细地址 · 联系地址 · 家庭地址 · 住址 · 家庭住址 · 居住地址 · 通讯地址 · 收货地址 · "
            "通信地址 · address · street · street address · address line 1 · address line 2 · "
            "address 1 · address 2 · home address"
        ),
    ),
    Attribute(
        key="postcode",
        label=_("Postcode"),
        reads="identifier",
        limit=12,
        words=words("邮编 · 邮政编码 · 邮递区号 · postcode · zip · zip code · postal code"),
    ),
)

_SHOP = (
    Attribute(
        key="home_store",
        label=_("Home store"),
        reads="reference",
        limit=80,
        words=words(
            "门店 · 所属门店 · 归属门店 · 开卡门店 · 入会门店 · 办卡门店 · 注册门店 · 主门店 · 门店名称 · "
            "门店编号 · 门店编码 · 门店代码 · 店铺 · 店铺名称 · 所属店铺 · 店名 · 店号 · 店别 · 分店 · "
            "所属分店 · 归属店铺 · 专柜 · 会所 · 开卡店 · 所属店 · 餐厅 · "
            "store · home store · store name · store code · store id · store no · shop · branch · "
            "outlet · location"
        ),
        weak=words("机构 · 组织 · 所属机构 · 部门"),
    ),
    Attribute(
        key="owner",
        label=_("Guide"),
        reads="reference",
        limit=80,
        words=words(
            "导购 · 专属导购 · 所属导购 · 导购员 · 导购姓名 · 导购编号 · 导购工号 · 服务导购 · 顾问 · "
            "服务顾问 · 专属顾问 · 美容顾问 · 美容师 · 销售顾问 · 客户经理 · 营业员 · 店员 · 销售员 · "
            "开卡人 · 开卡员工 · 维护人 · 跟进人 · 负责人 · 归属导购 · 发展人 · 归属员工 · 管家 · "
            "guide · owner · advisor · adviser · sales · salesperson · sales person · sales rep · "
            "sales assistant · assistant · stylist · account manager · consultant"
        ),
        weak=words("员工 · 工号 · 业务员 · staff · employee"),
    ),
    Attribute(
        key="joined_at",
        label=_("Joined on"),
        reads="moment",
        words=words(
            "入会时间 · 入会日期 · 注册时间 · 注册日期 · 开卡时间 · 开卡日期 · 办卡日期 · 办卡时间 · "
            "建档日期 · 建档时间 · 加入日期 · 加入时间 · 成为会员时间 · 登记日期 · 发卡日期 · "
            "joined · joined on · joined at · join date · date joined · registered · "
            "registered on · registration date · signup date · member since · customer since"
        ),
        weak=words("创建时间 · 创建日期 · 录入时间 · created at · created · create time · date created"),
    ),
    Attribute(
        key="tags",
        label=_("Tags"),
        reads="tags",
        many=True,
        words=words("标签 · 客户标签 · 会员标签 · 客户分类 · tags · tag · labels"),
    ),
    Attribute(
        key="note",
        label=_("Note"),
        reads="note",
        limit=2000,
        many=True,
        words=words("备注 · 备注信息 · 说明 · 附注 · 客户备注 · 会员备注 · note · notes · remark · remarks · comment · comments"),  # noqa: E501
    ),
    Attribute(
        key="opening_points",
        label=_("Opening points"),
        reads="points",
        words=words(
            "积分 · 当前积分 · 可用积分 · 剩余积分 · 积分余额 · 现有积分 · 期初积分 · 会员积分 · 红利点数 · "
            "点数 · points · points balance · opening points · current points · available points · "
            "loyalty points"
        ),
    ),
    Attribute(
        key="opening_principal",
        label=_("Opening stored value, principal"),
        reads="money",
        words=words(
            "储值余额 · 余额 · 本金 · 储值本金 · 本金余额 · 储值 · 卡余额 · 充值余额 · 账户余额 · 卡内余额 · "
            "stored value · balance · principal · account balance · card balance"
        ),
    ),
    Attribute(
        key="opening_bonus",
        label=_("Opening stored value, bonus"),
        reads="money",
        words=words("赠金 · 赠送余额 · 赠送金额 · 赠金余额 · 赠送金 · bonus · bonus balance"),
    ),
)

_DAYS = (
    Attribute(
        key="event.wedding",
        label=_("Wedding day"),
        reads="birthday",
        words=words("结婚纪念日 · 结婚日期 · 婚期 · 结婚日 · wedding day · wedding date · wedding anniversary"),
    ),
    Attribute(
        key="event.anniversary",
        label=_("Anniversary"),
        reads="birthday",
        words=words("纪念日 · 周年纪念日 · 重要日子 · anniversary"),
    ),
    Attribute(
        key="event.child-birthday",
        label=_("Child's birthday"),
        reads="birthday",
        words=words(
            "孩子生日 · 小孩生日 · 子女生日 · 宝宝生日 · 儿童生日 · child birthday · child's birthday · "
            "baby birthday"
        ),
    ),
    Attribute(
        key="event.moving",
        label=_("Moving day"),
        reads="birthday",
        words=words("搬家日期 · 入住日期 · 乔迁日期 · 搬家日 · 交房日期 · moving day · moving date"),
    ),
)


def _answer(key: str, label: object, headings: str) -> Attribute:
    return Attribute(
        key=f"profile.{key}", label=label, reads="text", limit=200, words=words(headings)  # type: ignore[arg-type]  # a lazy label
    )


_PROFILE = (
    _answer("occupation", _("Occupation"), "职业 · 职位 · 工作 · 行业 · 从事职业 · occupation · job · profession"),  # noqa: E501
)
