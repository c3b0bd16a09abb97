"""The attributes of a file of purchases, one row for each line of a receipt."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from regulars.imports.columns import customers
from regulars.imports.columns.attributes import Attribute, attribute, split

_PERSONS = {item.key: item for item in customers.ATTRIBUTES}


def _customer(key: str, label: object, like: str, more: str = "") -> Attribute:
    """Declare what identifies the buyer, by the words that files of customers use for it."""
    model = _PERSONS[like]
    return Attribute(
        key=key,
        label=label,  # type: ignore[arg-type]  # a lazy label
        reads=model.reads,
        words=(*model.words, *split(more)),
        weak=tuple(word for word in model.weak if word not in {"id", "编号", "number"}),
        limit=model.limit,
    )


_RECEIPT = (
    attribute(
        "number",
        _("Receipt number"),
        "identifier",
        """单号 · 小票号 · 小票编号 · 小票单号 · 销售单号 · 订单号 · 订单编号 · 订单号码
        消费单号 · 流水号 · 交易号 · 交易流水号 · 交易单号 · 收银单号 · 单据编号 · 单据号 · 账单号
        结算单号 · 发票号码 · 交易编号 · 销售单编号 · 零售单号 · 水单号 · receipt · receipt number
        receipt no · receipt id · order · order number · order no · order id · invoice
        invoice number · invoice no · transaction id · transaction number · transaction no
        basket id · ticket no · bill no · bill number · sale id · sale number""",
        weak="编号 · 票号 · number · reference",
        limit=80,
    ),
    attribute(
        "source",
        _("Till or system"),
        "text",
        """来源 · 数据来源 · 来源系统 · 收银机 · 收银机号 · 款台 · 款台号 · 机号 · 渠道 · 销售渠道
        订单来源 · source · channel · till · register · pos · terminal · sales channel""",
        limit=40,
    ),
    attribute(
        "kind",
        _("Sale or return"),
        "sale_or_return",
        """类型 · 单据类型 · 交易类型 · 销售类型 · 业务类型 · 订单类型 · 是否退货 · 退货标志
        销退标志 · type · kind · transaction type · order type · sale type · is return
        document type""",
    ),
    attribute(
        "original_number",
        _("Receipt number of the original"),
        "identifier",
        """原单号 · 原小票号 · 原销售单号 · 原订单号 · 原始单号 · 退货原单号 · 原单据号 · 关联单号
        original receipt · original receipt number · original order · original number
        original invoice · return of · original receipt no""",
        limit=80,
    ),
    attribute(
        "original_position",
        _("Line of the original"),
        "position",
        "原行号 · 原单行号 · 原始行号 · original line · original line number · original position",
    ),
    attribute(
        "occurred_at",
        _("Date and time"),
        "moment",
        """销售时间 · 消费时间 · 交易时间 · 下单时间 · 购买时间 · 成交时间 · 支付时间 · 付款时间
        收银时间 · 开单时间 · 结账时间 · 销售日期时间 · 订单时间 · 发生时间 · 日期时间 · 结算时间
        date time · timestamp · transaction timestamp · transaction time · order time · sold at
        purchased at · occurred at · purchase time · sale time · paid at · order datetime""",
        weak="时间 · 创建时间 · 创建日期 · created at · created · time",
    ),
    attribute(
        "date",
        _("Date"),
        "date",
        """日期 · 销售日期 · 消费日期 · 交易日期 · 购买日期 · 下单日期 · 单据日期 · 订单日期
        成交日期 · 营业日期 · 开单日期 · 业务日期 · 结算日期 · date · sale date · sales date
        order date · purchase date · transaction date · business date · invoice date
        receipt date""",
    ),
    attribute(
        "time",
        _("Time"),
        "time",
        "时间 · 时刻 · 具体时间 · time · time of day",
        weak="销售时间 · 消费时间 · 交易时间 · sale time · transaction time · order time",
    ),
    attribute(
        "store",
        _("Store"),
        "reference",
        "销售门店 · 消费门店 · 交易门店 · 购买门店 · 下单门店 · 营业网点 · 销售店铺 · 消费店铺\n"
        + "\n".join(_PERSONS["home_store"].words),
        weak="机构 · 组织 · 部门 · location",
        limit=80,
    ),
    attribute(
        "guide",
        _("Guide"),
        "reference",
        "销售人员 · 销售人 · 开单人 · 服务员 · 技师 · 服务人员 · 经手人 · served by · sold by\n"
        + "\n".join(_PERSONS["owner"].words),
        weak="员工 · 工号 · 业务员 · 收银员 · staff · employee · cashier · sales",
        limit=80,
    ),
    attribute(
        "payment",
        _("Payment means"),
        "payment",
        """支付方式 · 付款方式 · 支付类型 · 收款方式 · 结算方式 · 支付渠道 · payment
        payment means · payment method · payment type · paid by · tender · tender type""",
        limit=40,
    ),
    attribute(
        "rounding",
        _("Rounding of the receipt"),
        "money",
        "抹零 · 抹零金额 · 去零 · 舍入 · 尾差 · rounding · rounding amount",
    ),
)

_BUYER = (
    _customer("customer_id", _("Customer: our id"), "id"),
    _customer(
        "customer_number",
        _("Customer: number in another system"),
        "external_number",
        "buyer id · buyer number",
    ),
    _customer("customer_code", _("Customer: member code"), "member_code"),
    _customer("customer_card", _("Customer: card number"), "card"),
    _customer(
        "customer_phone",
        _("Customer: phone"),
        "phone",
        "会员电话 · 客户手机 · 顾客手机 · buyer phone",
    ),
    _customer("customer_name", _("Customer: name"), "name", "会员 · 客户 · buyer · buyer name"),
)

_LINE = (
    attribute(
        "position",
        _("Line number"),
        "position",
        """行号 · 明细行号 · 明细序号 · 项次 · 行项目 · line · line number · line no · position""",
        weak="序号",
    ),
    attribute(
        "product_code",
        _("Product code"),
        "identifier",
        """商品编码 · 商品编号 · 商品代码 · 商品条码 · 条码 · 条形码 · 货号 · 款号 · 产品编码
        产品编号 · 物料编码 · 国际条码 · 商品ID · 项目编号 · 菜品编码 · 商品货号 · 货品编码 · 品号
        sku · product code · product id · product no · item code · item number · item id · barcode
        ean · upc · style no · article number · variant sku""",
        limit=60,
    ),
    attribute(
        "product_name",
        pgettext_lazy("goods", "Product"),
        "line_text",
        """商品 · 商品名称 · 商品名 · 品名 · 产品 · 产品名称 · 货品名称 · 货品 · 项目 · 项目名称
        服务项目 · 菜品 · 菜品名称 · 菜名 · 商品描述 · 品项 · 消费项目 · 商品标题 · 宝贝标题
        product · product name · item · item name · product title · description
        product description · service · dish · line item · article""",
        weak="名称 · name · title",
        limit=160,
    ),
    attribute(
        "category",
        _("Category"),
        "line_text",
        """品类 · 类别 · 分类 · 商品分类 · 商品类别 · 大类 · 中类 · 商品大类 · 产品类别 · 产品分类
        商品品类 · 货品类别 · 菜品分类 · category · product category · department · item category
        class · product type · product class""",
        weak="小类 · 系列 · 品牌 · brand",
        limit=80,
    ),
    attribute(
        "quantity",
        _("Quantity"),
        "quantity",
        """数量 · 件数 · 销售数量 · 购买数量 · 商品数量 · 销量 · 份数 · 个数 · 次数 · quantity
        qty · units · count · pieces · pcs · quantity sold · units sold""",
    ),
    attribute(
        "unit_price",
        _("Unit price"),
        "money",
        """单价 · 售价 · 销售单价 · 商品单价 · 成交单价 · 零售价 · 成交价 · 折后单价 · 实际单价
        unit price · price · item price · sale price · selling price""",
        weak="吊牌价 · 原价 · 标价 · 标准价 · list price",
    ),
    attribute(
        "gross",
        _("Amount before discounts"),
        "money",
        """原价金额 · 吊牌金额 · 应收 · 应收金额 · 折前金额 · 标价金额 · 商品总额 · 商品原价
        总价 · 原价合计 · 应付金额 · gross · gross amount · gross sales · list amount · subtotal
        amount before discount · original amount""",
    ),
    attribute(
        "discount",
        _("Discount"),
        "money",
        """优惠 · 优惠金额 · 折扣金额 · 折让金额 · 折让 · 让利 · 减免金额 · 减免 · 优惠合计
        折扣额 · 促销优惠 · 会员优惠 · 优惠券金额 · discount · discount amount · line discount
        total discount · discounts · retail disc · coupon disc · coupon match disc""",
        many=True,
    ),
    attribute(
        "paid",
        _("Amount paid"),
        "money",
        """实付 · 实付金额 · 实收 · 实收金额 · 成交金额 · 成交额 · 销售金额 · 销售额 · 折后金额
        支付金额 · 付款金额 · 实际金额 · 净额 · 净销售额 · 实付款 · 实销金额 · 消费金额 · 实售金额
        结算金额 · paid · amount paid · paid amount · net · net amount · net sales · sales amount
        sales value · sale amount · line total · total paid · net paid · revenue""",
        weak="金额 · 小计 · 合计 · 总额 · 订单金额 · 总金额 · amount · total · sales · spend",
    ),
)

ATTRIBUTES = (*_RECEIPT, *_BUYER, *_LINE)

LEFT_OUT = split(
    """积分 · 获得积分 · 本次积分 · 累计积分 · 使用积分 · 成本 · 成本价 · 成本金额 · 毛利 · 毛利率
    利润 · 折扣率 · 折扣 · 规格 · 颜色 · 尺码 · 尺寸 · 单位 · 重量 · 库存 · 税额 · 税率 · 运费
    备注 · 收货人 · 收货地址 · 物流单号 · 快递单号 · 快递公司 · 性别 · 年龄 · 生日 · 等级
    会员等级 · 门店电话 · 门店地址 · 导购手机 · 导购电话 · 退款金额 · 店铺地址 · 身份证号 · 区域
    大区 · 城市 · 省份 · points · cost · margin · profit · tax · shipping · tracking number · unit
    weight · week · day · month · year · weekday · currency · status · notes · discount rate
    size · color""",
)
"""Headings that are known and mean nothing we take in; they must not pass for something else."""
