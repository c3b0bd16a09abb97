"""Why something was found, in the languages of the shop."""

from functools import lru_cache
from typing import Final

from regulars.kit.labels import Label, fill

_LONGEST_WORDS: Final = 60
_REASONS: Final = {
    "sells-discount": Label(
        zh_hans="“{words}”是优惠：关怀和服务消息不谈折扣、赠送和活动。请删去，或改为营销消息。",
        zh_hant="「{words}」是優惠：關懷和服務訊息不談折扣、贈送和活動。請刪去，或改為行銷訊息。",
        en="“{words}” is an offer. A message of care or service names no discount, no extra and no"
        " campaign: take it out, or make this a selling message.",
    ),
    "sells-price": Label(
        zh_hans="“{words}”是价格：问候里不报价。请删去，或改为营销消息。",
        zh_hant="「{words}」是價格：問候裡不報價。請刪去，或改為行銷訊息。",
        en="“{words}” is a price. A greeting names none: take it out, or make this a selling"
        " message.",
    ),
    "sells-goods": Label(
        zh_hans="“{words}”在推荐商品：问候里不提新品和货品。请删去，或改为营销消息。",
        zh_hant="「{words}」在推薦商品：問候裡不提新品和貨品。請刪去，或改為行銷訊息。",
        en="“{words}” tells of goods. A greeting tells of none, new or old: take it out, or make"
        " this a selling message.",
    ),
    "sells-hurry": Label(
        zh_hans="“{words}”在催促购买。请删去，或改为营销消息。",
        zh_hant="「{words}」在催促購買。請刪去，或改為行銷訊息。",
        en="“{words}” hurries the customer to buy: take it out, or make this a selling message.",
    ),
    "sells-order": Label(
        zh_hans="“{words}”在请顾客购买。请删去，或改为营销消息。",
        zh_hant="「{words}」在請顧客購買。請刪去，或改為行銷訊息。",
        en="“{words}” asks the customer to buy: take it out, or make this a selling message.",
    ),
    "sells-link": Label(
        zh_hans="“{words}”通向商品。问候里不放购物链接。",
        zh_hant="「{words}」通向商品。問候裡不放購物連結。",
        en="“{words}” leads to goods. A greeting carries no link to a shop.",
    ),
    "link": Label(
        zh_hans="“{words}”是链接。请确认它不通向商品。",
        zh_hant="「{words}」是連結。請確認它不通向商品。",
        en="“{words}” is a link. Make sure that it does not lead to goods.",
    ),
    "no-name": Label(
        zh_hans="没有称呼顾客：关怀消息要用 {customer.name} 或 {customer.salutation}（C3）。",
        zh_hant="沒有稱呼顧客：關懷訊息要用 {customer.name} 或 {customer.salutation}（C3）。",
        en="Care names the customer (C3): use {customer.name} or {customer.salutation}.",
    ),
    "no-signature": Label(
        zh_hans="没有署名：请用 {guide.name} 或 {store.name}（C3）。",
        zh_hant="沒有署名：請用 {guide.name} 或 {store.name}（C3）。",
        en="Care is signed by guide or store (C3): use {guide.name} or {store.name}.",
    ),
    "unknown-placeholder": Label(
        zh_hans="没有占位符“{words}”。",
        zh_hant="沒有佔位符「{words}」。",
        en="There is no placeholder {words}.",
    ),
    "empty-placeholder": Label(
        zh_hans="“{words}”对这位顾客是空的。请补上资料，或换一种说法。",
        zh_hant="「{words}」對這位顧客是空的。請補上資料，或換一種說法。",
        en="{words} would stay empty for this customer: fill in what is missing, or say it"
        " otherwise.",
    ),
    "mass-produced": Label(
        zh_hans="除了称呼，所有人收到的话都一样（C3）。请写进只属于这位顾客的内容，或减少收件人。",
        zh_hant="除了稱呼，所有人收到的話都一樣（C3）。請寫進只屬於這位顧客的內容，或減少收件人。",
        en="Besides the name everybody would get the same words (C3): say something that is only"
        " theirs, or choose fewer customers.",
    ),
    "too-long": Label(
        zh_hans="短信太长，会拆成太多条。请删短。",
        zh_hant="簡訊太長，會拆成太多則。請刪短。",
        en="Too long for a text message: it would go out in too many parts. Shorten it.",
    ),
    "forbidden-by-law": Label(
        zh_hans="“{words}”是广告法禁用的绝对化用语。请换一种说法。",
        zh_hant="「{words}」是廣告法禁用的絕對化用語。請換一種說法。",
        en="“{words}” is a superlative that the law forbids in advertising (广告法): say it"
        " otherwise.",
    ),
    "not-marked": Label(
        zh_hans="营销消息要写明“广告”（C2）。",
        zh_hant="行銷訊息要寫明「廣告」（C2）。",
        en="A message that sells is marked as such (C2): write “广告”, “[Ad]”.",
    ),
    "no-way-out": Label(
        zh_hans="营销消息要写明退订办法，例如“退订回TD”。",
        zh_hant="行銷訊息要寫明退訂辦法，例如「退訂回TD」。",
        en="A message that sells says how to refuse more: “退订回TD”, “Reply TD to stop”.",
    ),
    "wrong-purpose": Label(
        zh_hans="目的与节点不符：新到商品只用营销消息告知，节日、生日和换季的问候不带优惠（C2）。",
        zh_hant="目的與節點不符：新到商品只用行銷訊息告知，節日、生日和換季的問候不帶優惠（C2）。",
        en="Purpose and occasion do not go together (C2): new arrivals are told in selling messages"
        " only, and greetings carry no offer.",
    ),
    "chain-word": Label(
        zh_hans="“{words}”在贵公司的禁用词表里。",
        zh_hant="「{words}」在貴公司的禁用詞表裡。",
        en="“{words}” is on your chain's list of words not to use.",
    ),
}


@lru_cache(maxsize=1024)
def reason(code: str, words: str) -> Label:
    """Return the sentence for a finding; long words are cut in it."""
    label = _REASONS[code]
    cut = words if len(words) <= _LONGEST_WORDS else f"{words[: _LONGEST_WORDS - 1]}…"
    value = {"words": cut}
    return Label(
        zh_hans=fill(label.zh_hans, value),
        zh_hant=fill(label.zh_hant, value),
        en=fill(label.en, value),
    )
