"""What sells, in English: by what it does, with what looks like it and is none."""

from typing import Final

from regulars.kit.lint.drafts import Code
from regulars.kit.lint.rules import English, english

_MONEY = r"(?:[$¥€£] ?[0-9][0-9,.]{0,12}|[0-9][0-9,.]{0,12} (?:yuan|rmb|cny|dollars|euros|pounds))"
_SHARE = (
    r"(?:[0-9]{1,3}|five|ten|fifteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|half)"
)
_FEW = r"(?:1|2|3|4|5|one|two|three|four|five)"
_MEASURE = r"(?:minutes?|days?|hours?|steps?|km|people|guests|years?|of|more|:)"
_OWN = r"(?:sessions?|treatments?|days?|visits?)"
_WARES = (
    r"(?:mooncakes?|serums?|masks?|creams?|kits?|rings|bracelets?|necklaces?|earrings|quilts?|rugs?"
    r"|blankets?|cushions?|sofas?|menus?)"
)

HARMLESS: Final = english(
    """
    after sales?
    sales (?:talk|team|assistants?|person|staff|pitch|service)
    no (?:sales?|discounts?|offers?)
    (?:a|no) (?:great|good|big) deal
    deals? with
    (?:his|her|your) promotion(?: at work)?
    offers? you (?:our|my|its)
    offers? (?:our|my) (?:warmest|best|sincere|heartfelt|deepest)
    your (?:[a-z0-9]{1,15} ){1,5}(?:has|have|is|are) (?:just |now )?(?:arrived|in stock|ready)
    (?:the|our|your|this|my) shop
    (?:verification|security|login|door|dress) code
    just in (?:case|time)
    free of(?: charge)?
    (?:no|in a|without) hurry
    feel free
    (?:is|are) free (?:on|at|to|this|tomorrow|tonight|from)
    """
)
FACTS: Final = english(
    r"""
    (?:paid|pay|received|refund(?:ed)?|deposit|balance|due|total|charged|amount)[^.!?\n]{0,20}?<money>
    (?:credited|invoice|payment)[^.!?\n]{0,20}?<money>
    (?:the|that|wrong|full) prices?(?: lists?| tags?)? (?:was|were|is|are|of|had)
    <money>(?: [a-z]{1,10}){0,3} (?:due|refunded|received|on its way|credited|back)
    """,
    money=_MONEY,
)

_DISCOUNT: Final = r"""
    <share> ?(?:%|percent|per cent) ?(?:off|less|back|discounts?|reduction|cheaper|cashback)
    (?:half|third|quarter|fifth|[0-9]{1,4}) off
    half prices?
    knocks? [a-z0-9$]{1,6} off
    off your (?:next|first)
    discounts?|discounted|sales?|clearance|markdowns?|bargains?|(?:our|factory) outlet|rebates?
    reductions?
    reduced (?:to|by|price|prices|just now|this week|until)
    (?:special|exclusive|limited|birthday|great|our|an|the|latest|opening|this|members?) offers?
    offers|on offer|specials|special prices?
    (?:special|exclusive|best|great|hot|amazing|our|weekend|daily|more|these) deals?
    deals|promos?|promotions?|promotional|coupons?|vouchers?|cash ?back|bogo|freebies?
    (?:use|promo|with|enter) (?:the )?codes?
    code [a-z]{1,12}[0-9]{1,6}
    buy <few>,? ?(?:[a-z]{1,12} ){0,2}get
    <few> (?:[a-z]{1,12} ){0,2}for (?:the price of )?(?:1|one)
    <few> for (?:1|2|3|one|two|three)
    save (?:up to )?(?:[$¥€£]|rmb )?[0-9]{1,4}%?
    save big|price of one|trade ?ins?|bonus|top up|(?:double|triple) points
    (?:interest|rent) free|instal?lments|zero interest|no interest
    free (?:shipping|delivery|gift with|samples?|trial|upgrade|drinks?|dessert)
    free (?:when|with|next|for every)
    (?:first|second) [a-z]{1,12} (?:free|half|for nothing)
    (?:dessert|drinks?|coffee|dish|cocktail|wine|shipping|delivery|facial|treatment) (?:is|are) free
    one free(?! (?:day|evening|hour|afternoon))
    for nothing|on the house|wine on us|on us with
    with (?:any|every) (?:[a-z]{1,12} ){0,2}(?:purchase|order|ordered)
    when you (?:spend|buy|order)
    refer a friend|pay (?:less|only|for (?:<few>|six|seven|eight|nine|ten))|happy hour
    preorder specials
    members?'?(?: only)? (?:prices?|save|pay)
    cheap|cheaper|cheapest|bundles?(?! of joy)|gift with purchase|show (?:your receipt|this text)
    for (?:a lot |much )?less
    leave us (?:[a-z]{1,8} ){0,3}(?:stars?|reviews?)
    (?:we|you) add [0-9]{2,5}
    on special|thrown? in|with every(?! (?:good|warm|best|blessing))
    complimentary (?:[a-z]{1,12} ){1,4}with
    (?:each of you|you both|both(?: of you)?) gets?
    in credit|bring a friend and
    """
_PRICE: Final = r"""
    prices?|priced|pricing
    (?:(?:hk|nt|us|s)?[$]|[¥€£]) ?[0-9][0-9,.]{0,12}
    (?:rmb|cny|usd|hkd|ntd) ?[0-9][0-9,.]{0,12}
    [0-9][0-9,.]{0,12} ?(?:yuan|rmb|cny|usd|hkd|dollars?|euros?|bucks|pounds)
    (?:for |at )?(?:only|just) [0-9]{2,6}(?! ?<measure>)
    (?:comes? to|costs?|worth|put) [0-9]{2,6}
    [0-9]{2,5} (?:a|per) (?:plate|piece|head|person|set|night|gram|bottle|box|session|pair)
    [0-9]{2,5} each
    for [0-9]{2,5} more
    """
_GOODS: Final = r"""
    new (?:[a-z]{1,15} ){0,2}(?:arrivals?|collections?|range|series|menu|stock|designs?|pieces)
    new (?:[a-z]{1,15} ){0,2}(?:models?|styles?|line)
    (?:spring|summer|autumn|fall|winter|latest|pearl) (?:collections?|menu|editions?|edit)
    (?:has|have|just) (?:just )?(?:arrived|landed|launched)
    launch(?:es|ed|ing)?|new in|(?:pearls|pieces|stock|goods) came in|(?:batch|shipment) of
    in (?:store|stores|stock) now
    now in stores?|(?:back )?in stock|limited editions?|pre ?orders?
    must haves?|best ?sellers?|selling fast|go(?:es|ing)? fast|sold out
    kept (?:two|three|some|a few) pieces
    only (?:a few|a dozen|[0-9]{1,3}|<few>) (?!<own>)(?:[a-z]{1,12} ){1,3}(?:are |is )?left
    (?:tables?|pieces?|rooms?|sets?|boxes) left at
    if you want one|must go|recommend (?:our|the|this)|(?:everybody|everyone) who bought|sells? out
    couple rings
    our (?:[a-z]{1,12} ){0,2}<goods>
    everybody (?:takes|buys)|(?:put|keep|kept) one aside|everything in the (?:window|shop|store)
    """
_HURRY: Final = r"""
    hurry|while (?:stocks?|supplies) lasts?|today only|only today|one day only|limited time
    last chance|dont miss out|don['’]t miss (?:out|our|this|it)|before (?:they|it) (?:are|is) gone
    ends? (?:today|tonight|soon|sunday|tomorrow)|act now|book now
    last few (?:pieces|seats|rooms|tables)
    """
_ORDER: Final = r"""
    (?:shop|order|renew|subscribe|buy) (?:now|today|online|here)
    shop (?:our|the|that|this)
    to buy|buy (?:now|<few>)|stock up|add to (?:cart|basket|bag)|checkout|set menus?
    order(?:ed)? (?:early|today)
    (?:order|book|take) the (?:matching|set|new|next)
    gift boxes?|(?:click|tap) here to|dinner sets?
    """

CODES: Final[dict[Code, English]] = {
    "sells-discount": english(_DISCOUNT, share=_SHARE, few=_FEW),
    "sells-price": english(_PRICE, measure=_MEASURE),
    "sells-goods": english(_GOODS, goods=_WARES, few=_FEW, own=_OWN),
    "sells-hurry": english(_HURRY),
    "sells-order": english(_ORDER, few=_FEW),
}
# Written with digits for letters (`d1scount`, `5ALE`), only such whole words are known.
WHOLE: Final = frozenset(
    {
        "bargain", "buy", "cheap", "clearance", "coupon", "coupons", "deal", "deals", "discount",
        "discounted", "discounts", "free", "offer", "offers", "price", "prices", "promo",
        "promotion", "sale", "sales", "save", "voucher", "vouchers",
    }
)  # fmt: skip
