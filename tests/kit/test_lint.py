"""What the lint of messages refuses, and what it lets pass."""

from dataclasses import replace
from typing import Any

import pytest

from regulars.kit import lint

GREETING = "{customer.salutation}，生日快乐！{store.name} {guide.name}"


def care(text: str, **changes: Any) -> lint.Draft:
    """Return a greeting with a name and a signature around a text."""
    whole = f"{{customer.salutation}}，{text}。{{store.name}}"
    return replace(lint.Draft(text=whole, purpose="care"), **changes)


def advert(text: str, **changes: Any) -> lint.Draft:
    """Return a selling message."""
    return replace(lint.Draft(text=text, purpose="selling"), **changes)


def codes(draft: lint.Draft, **policy: Any) -> set[str]:
    """Return the codes of what is refused."""
    found = lint.findings(draft, lint.Policy(**policy))
    return {each.code for each in found if each.severity == "refuse"}


def warned(draft: lint.Draft) -> set[str]:
    """Return the codes of what is only warned of."""
    return {each.code for each in lint.findings(draft) if each.severity == "warn"}


def test_scenario_13_a_greeting_that_sells_is_refused_with_its_words_marked() -> None:
    text = "Happy birthday, 8 折 today only!"

    found = lint.findings(lint.Draft(text=text, purpose="care", occasion="birthday"))

    sold = {each.words: (each.code, each.start, each.end) for each in found if each.words}
    assert sold == {
        "8 折": ("sells-discount", 16, 19),
        "today only": ("sells-hurry", 20, 30),
    }
    assert lint.is_refused(found)
    discount = next(each for each in found if each.words == "8 折")
    assert "8 折" in discount.reason.text("zh-Hans")
    assert discount.reason.text("en").startswith("“8 折” is an offer.")


def test_scenario_14_a_greeting_needs_a_name_and_a_signature() -> None:
    assert codes(lint.Draft(text=GREETING, purpose="care")) == set()
    assert codes(lint.Draft(text="生日快乐！{store.name}", purpose="care")) == {"no-name"}
    unsigned = lint.Draft(text="{customer.name}，生日快乐！", purpose="care")
    assert codes(unsigned) == {"no-signature"}


def test_a_text_that_is_filled_names_and_signs_by_its_values() -> None:
    values = {"customer.name": "王芳", "store.name": "金叶珠宝"}
    whole = lint.Draft(text="王芳，生日快乐！金叶珠宝", purpose="care", values=values)

    assert codes(whole) == set()
    assert codes(replace(whole, text="生日快乐！金叶珠宝")) == {"no-name"}
    assert codes(replace(whole, text="王芳，生日快乐！")) == {"no-signature"}
    assert codes(replace(whole, text="王芳，生日快乐！", before="【金叶】")) == set()


def test_on_the_phone_nobody_signs_and_service_needs_neither() -> None:
    assert codes(lint.Draft(text="{customer.name}您好", purpose="care", channel="call")) == set()
    assert codes(lint.Draft(text="您的戒指修好了", purpose="service")) == set()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("八折", "sells-discount"),
        ("８折", "sells-discount"),
        ("打\u200b折", "sells-discount"),
        ("打，折", "sells-discount"),
        ("滿千送百", "sells-discount"),
        ("買一送一", "sells-discount"),
        ("50% off", "sells-discount"),
        ("d1scount", "sells-discount"),
        ("s a l e", "sells-discount"),
        ("speciаl оffer", "sells-discount"),
        ("¥199", "sells-price"),
        ("一九九元", "sells-price"),
        ("$20", "sells-price"),
        ("新 品", "sells-goods"),
        ("new arrivals", "sells-goods"),
        ("限时", "sells-hurry"),
        ("last chance", "sells-hurry"),
        ("下单", "sells-order"),
        ("shop now", "sells-order"),
        ("https://item.jd.com/1.html", "sells-link"),
        ("https://aurum.example/product/8", "sells-link"),
    ],
)
def test_care_and_service_do_not_sell(words: str, code: str) -> None:
    draft = care(f"祝安好 {words}")

    found = [each for each in lint.findings(draft) if each.code.startswith("sells-")]

    assert [(each.code, each.words) for each in found] == [(code, words)]
    assert code in codes(replace(draft, purpose="service"))
    assert code not in codes(replace(draft, purpose="selling"))


@pytest.mark.parametrize(
    "text",
    [
        "您的 320 积分将于12月31日到期",
        "您的戒指可以免费清洗了",
        "新年快乐，新的一岁平安",
        "在这个特别的日子里",
        "结婚8周年快乐",
        "周六10:00见，电话13861861800",
        "第一次见面您就笑了",
        "健康不打折",
        "元旦快乐，一元复始",
        "焕然一新 品味生活",
        "天天向上 新年进步",
        "骨折后恢复得好吗",
        "到店有礼，给您备了一份小礼物",
        "假期最后两天好好休息",
        "谢谢您的高度评价",
        "feel free to call, there is no hurry",
        "with every good wish and a bundle of joy",
        "congratulations on your promotion",
        "your ring can be cleaned free of charge",
        "save the date, 10:00 on the 5th",
    ],
)
def test_what_only_looks_like_selling_passes(text: str) -> None:
    assert codes(care(text)) == set()


def test_service_may_speak_of_money_that_was_paid_but_not_of_offers() -> None:
    paid = lint.Draft(text="您今日消费3280元，余额1200元，尾款500元送货时付", purpose="service")

    assert codes(paid) == set()
    assert codes(replace(paid, text=f"{paid.text}，下次满千减百")) == {"sells-discount"}
    assert codes(
        replace(paid, purpose="care", text=f"{{customer.name}} {paid.text} {{store.name}}")
    )


@pytest.mark.parametrize(
    ("occasion", "severity"), [("birthday", "refuse"), ("appointment", "warn"), (None, "warn")]
)
def test_another_link_is_refused_in_a_greeting_and_warned_of_elsewhere(
    occasion: Any, severity: str
) -> None:
    draft = care("请看 https://aurum.example/care-advice", occasion=occasion)

    assert [(each.code, each.severity) for each in lint.findings(draft)] == [("link", severity)]


def test_placeholders_that_mean_nothing_or_stay_empty_are_refused() -> None:
    draft = care("{guide.nam}{purchase.product}")
    found = [each for each in lint.findings(draft) if each.code == "unknown-placeholder"]

    assert [each.words for each in found] == ["{guide.nam}"]
    values = {"customer.salutation": "王女士", "store.name": "金叶", "purchase.product": " "}
    empty = care("{purchase.product}戴着好吗", values=values)
    assert codes(empty) == {"empty-placeholder"}
    assert codes(replace(empty, values=values | {"purchase.product": "手镯"})) == set()
    assert codes(care("好", subject="{no.such}", channel="email")) == {"unknown-placeholder"}


def test_one_wording_for_too_many_is_mass_produced() -> None:
    draft = care("中秋安康", recipients=31)

    assert codes(draft) == {"mass-produced"}
    assert codes(draft, most_alike=31) == set()
    assert codes(care("{purchase.product}戴着好吗", recipients=31)) == set()
    assert codes(care("{guide.name}祝您中秋安康", recipients=31)) == {"mass-produced"}
    assert codes(replace(draft, purpose="service")) == set()


def test_the_same_wording_has_one_skeleton() -> None:
    first = lint.skeleton("王芳，中秋快乐！", ["王芳"])

    assert first == lint.skeleton("李  强，中秋快樂", ["李  强"])
    assert first == lint.skeleton("{customer.name}，中秋快乐！", [])
    assert first != lint.skeleton("王芳，中秋安康！", ["王芳"])


def test_a_text_message_of_too_many_parts_is_refused() -> None:
    long = care("安" * 200)

    assert codes(long) == {"too-long"}
    assert codes(long, most_parts=4) == set()
    assert codes(replace(long, channel="wechat")) == set()
    english = care("a" * 300, language="en")
    assert codes(english) == {"too-long"}
    assert codes(replace(english, text=english.text.replace("，", ",").replace("。", "."))) == {
        "too-long"
    }
    abroad = replace(english, text="{customer.name}, " + "a" * 300 + ". {store.name}")
    assert codes(replace(abroad, at_home=False)) == set()


@pytest.mark.parametrize(
    "text",
    [
        "（广告）新款到店，退订回TD",
        "（廣告）新款到店，退訂回T",
        "[Ad] New rings. Reply STOP to unsubscribe",
    ],
)
def test_selling_that_is_marked_and_can_be_refused_passes(text: str) -> None:
    assert codes(advert(text)) == set()


def test_selling_is_marked_and_says_how_to_refuse() -> None:
    assert codes(advert("新款到店")) == {"not-marked", "no-way-out"}
    assert codes(advert("新款到店", after="拒收请回复R", before="【金叶】广告：")) == set()
    assert codes(advert("Rings. Reply TD to stop", subject="AD: rings", channel="email")) == set()
    assert codes(advert("I had a bad ring, said Thaddeus")) == {"not-marked", "no-way-out"}
    assert codes(advert("新款到店", channel="call")) == set()


@pytest.mark.parametrize("words", ["最好的金店", "销量第一名", "國家級", "顶 级", "No. 1 jeweller"])
def test_superlatives_are_refused_in_adverts_and_warned_of_elsewhere(words: str) -> None:
    draft = advert(f"（广告）{words}，退订回TD")

    assert codes(draft) == {"forbidden-by-law"}
    assert "forbidden-by-law" in warned(care(words))
    assert codes(care(words)) == set()


@pytest.mark.parametrize(
    "words",
    [
        "最近",
        "最后三天",
        "您最好早点来",
        "第一时间告诉您",
        "第一次",
        "最多减200",
        "您最喜欢的",
        "best wishes",
    ],
)
def test_words_of_time_order_and_advice_are_no_superlatives(words: str) -> None:
    assert codes(advert(f"（广告）{words}，退订回TD")) == set()


def test_occasion_and_purpose_go_together() -> None:
    assert codes(care("您好", occasion="new-arrival")) == {"wrong-purpose"}
    birthday = advert("（广告）八折，退订回TD", occasion="birthday")
    assert warned(birthday) == {"wrong-purpose"}
    assert codes(birthday) == set()


def test_a_chain_adds_words_and_allows_words() -> None:
    draft = care("来新品堂喝咖啡，尝 尝 糕点 cake")

    assert codes(draft) == {"sells-goods"}
    assert codes(draft, allowed=("新品堂",)) == set()
    assert codes(draft, allowed=("新品堂",), added=("尝尝", "Cake", "off")) == {"chain-word"}
    found = lint.findings(draft, lint.Policy(added=("嘗嘗", "CAKE")))
    assert [each.words for each in found if each.code == "chain-word"] == ["尝 尝", "cake"]


def test_values_are_names_not_offers_but_a_link_is_judged() -> None:
    values = {
        "customer.salutation": "王女士",
        "store.name": "特惠家居",
        "purchase.product": "新款手镯",
        "link": "https://shop.example/item/1",
    }
    draft = lint.Draft(text="王女士，新款手镯戴着好吗？特惠家居", purpose="care", values=values)

    assert codes(draft) == set()
    assert codes(replace(draft, text=f"{draft.text} {values['link']}")) == {"sells-link"}


def test_the_subject_of_a_mail_is_judged_too() -> None:
    draft = care("祝安好", channel="email", subject="生日快乐，八折等您")

    found = [each for each in lint.findings(draft) if each.severity == "refuse"]

    assert [(each.place, each.words) for each in found] == [("subject", "八折")]
