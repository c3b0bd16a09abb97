"""One of every thing that has an address, in a chain or in one store of it."""

from io import BytesIO
from typing import Final
from uuid import UUID, uuid4

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from regulars import audit
from regulars.api import keys
from regulars.api.scopes import SCOPES
from regulars.complaints import numbers, pictures
from regulars.complaints import services as complaints
from regulars.complaints.held_pictures import Held
from regulars.complaints.models import Case, Remedy
from regulars.complaints.services import Draft, writing
from regulars.customers.models import Customer, Identity, LifeEvent, Note, Possession
from regulars.followups.occasions import gifts
from regulars.followups.occasions.gifts import Gift
from regulars.imports import services as imports
from regulars.imports import storage
from regulars.messages import services as messages
from regulars.messages.models import Contact
from regulars.messages.services import batches, receiving
from regulars.purchases.models import Line
from regulars.staff import addresses, invitations
from regulars.staff.granting import Place
from regulars.staff.models import Role, Staff
from regulars.stores.models import Store
from regulars.surveys import links
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from regulars.tenancy.identifiers import new_id
from regulars.web.complaining import places
from tests.factories import customers, mornings, people, purchases, surveys, talk
from tests.prepared import NOW

type Things = dict[str, str]

# Which thing a part of an address names; an address with a part that is not here is a fault.
NAMED_BY: Final = {
    "batch_id": "batch",
    "case_id": "complaint",
    "complaint_id": "complaint",
    "customer_id": "customer",
    "event_id": "event",
    "identity_id": "identity",
    "import_id": "import",
    "invitation_id": "answer",
    "key_id": "key",
    "message_id": "message",
    "note_id": "note",
    "possession_id": "possession",
    "purchase_id": "purchase",
    "region_id": "region",
    "remedy_id": "remedy",
    "staff_id": "staff",
    "store_id": "store",
    "task_id": "task",
    "uidb36": "person",
}
INVITED: Final = {"/team/{staff_id}/resend/", "/team/{staff_id}/withdraw/"}
OF_ROUTES: Final = {  # what a part means under these
    ("/customers/", "pk"): "customer",
    ("/customers/", "contact_id"): "call",
    ("/api/v1/contacts/", "contact_id"): "call",
    ("/messages/", "pk"): "customer",
    ("/messages/unknown/", "contact_id"): "stranger",
    ("/counter/", "pk"): "purchase",
    ("/join/", "token"): "invitation",
    ("/me/address/", "token"): "address",
    ("/account/", "key"): "reset",
    ("/leave/", "token"): "way-out",
    ("/c/", "token"): "case-link",
    ("/c/", "name"): "case-picture",
    ("/complaints/", "name"): "case-picture",
    ("/complain/", "place"): "place",
    ("/complain/", "token"): "kept-picture",
    ("/s/", "token"): "survey-link",
    ("/survey/tablet/", "store"): "tablet",
}
# Parts that name no row but a word of the product or of the vertical.
WORDS: Final = {
    ("/api/problems/", "code"): "not-found",
    ("/callbacks/", "slot"): "sms",
    ("/callbacks/", "provider"): "local",
    ("/complaints/", "act"): "note",
    ("/customers/", "kind"): "ring",
    ("/settings/budget/", "tier"): "silver",
    ("/settings/providers/", "slot"): "sms",
    ("/settings/complaints/", "key"): "loose-stone",
    ("/settings/gifts/", "key"): "spoon",
    ("/settings/rules/", "noun"): "rate",
    ("/settings/rules/", "key"): "gold-bars",
    ("/settings/texts/", "key"): "birthday-greeting",
    ("/settings/texts/", "field"): "en",
    ("/insights/rows/", "kind"): "sales",
    ("/insights/scorecard/", "kind"): "due",
    ("/my-card/", "kind"): "due",
    ("/settings/plans/", "key"): "birthday",
    ("/settings/surveys/", "key"): "complaint-settled",
    ("/settings/plans/", "step"): "greet",
    ("/insights/files/", "what"): "stores",
    ("/imports/samples/", "kind"): "customers",
}


def kind_of(route: str, part: str) -> str | None:
    """Return which thing a part of an address names, None for a word; KeyError if unknown."""
    if any(route.startswith(begin) and part == name for begin, name in WORDS):
        return None
    if route in INVITED:
        return "invited"
    for (begin, name), kind in OF_ROUTES.items():
        if route.startswith(begin) and part == name:
            return kind
    return NAMED_BY[part]


def word(route: str, part: str) -> str:
    """Return the word that stands in a part of an address."""
    return next(
        word for (begin, name), word in WORDS.items() if route.startswith(begin) and part == name
    )


def make(chain: ChainInfo) -> Things:
    """Make one of each in the chain, and return what names them."""
    with context.inside(chain):
        return at(people.store(region=people.region()), owner=people.owner(), host=chain.subdomain)


def at(store: Store, *, owner: Staff, host: str) -> Things:
    """Make one of each in a store of the active chain; the customer is looked after by `owner`."""
    tag = f"{host}-{store.code}"
    bob = people.staff(name="Bob", stores=(store,), email=f"bob@{tag}.example", pin=people.PIN)
    dora, invitation = invitations.invite(
        actor=people.actor(people.owner()),
        email=f"dora@{tag}.example",
        name="Dora",
        place=Place(role=Role.GUIDE, store_ids=(store.id,)),
        now=timezone.now(),
    )
    change, address = addresses.wish(
        actor=people.actor(bob),
        email=f"new@{tag}.example",
        password=people.PASSWORD,
        now=timezone.now(),
    )
    brought = imports.receive(
        actor=people.actor(people.owner()),
        chunks=[b"name,phone\nDora,13800138000\n"],
        file_name="may.csv",
        now=NOW,
    )
    brought.rejected_file = storage.save(BytesIO(b"name,phone\n"))
    brought.save()
    spoon = Gift(key="spoon", title="Spoon", occasions=("customer.birthday",), cost_minor=1_200)
    gifts.set_rule(actor=audit.SYSTEM, gift=spoon, now=NOW)
    key = keys.create(actor=audit.SYSTEM, name="till", scopes=list(SCOPES), store_id=None, now=NOW)
    return {
        **customers_at(store, owner=owner, tag=tag),
        "store": str(store.id),
        "region": str(store.region_id),
        "staff": str(bob.id),
        "invited": str(dora.id),
        "invitation": invitation,
        "address": address,
        "import": str(brought.pk),
        "person": user_pk_to_url_str(change.staff),
        "reset": default_token_generator.make_token(change.staff),
        "key": str(key.key.id),
        **messages_at(store, owner=owner),
    }


def messages_at(store: Store, *, owner: Staff) -> Things:
    """Make a batch with a message of which nobody knows whether it went, and its way out."""
    batch = batches.open_batch(
        actor=audit.SYSTEM, title="May", purpose="service", channel="sms", now=NOW
    )
    to = customers.customer(name="Eve", phone=customers.phone(), store=store, owner=owner)
    draft = messages.Draft(customer_id=to.id, purpose="service", channel="sms", text="May")
    batches.fill(actor=audit.SYSTEM, batch_id=batch.pk, drafts=[draft], now=NOW)
    sent = Contact.objects.filter(batch=batch.pk)
    for state in (Contact.State.SENDING, Contact.State.UNKNOWN):
        sent.update(state=state)
    (message,) = sent
    return {
        "batch": str(batch.pk),
        "message": str(message.pk),
        "way-out": receiving.unsubscribe_token(message.pk),
    }


def customers_at(store: Store, *, owner: Staff, tag: str) -> Things:
    """Make a customer of the store with everything that hangs on one."""
    one = customers.customer(name="Carol", store=store, owner=owner)
    rows = {
        "identity": Identity(customer=one, source="card", number=tag),
        "event": LifeEvent(customer=one, kind="birthday", month=5, day=20),
        "note": Note(customer=one, text="likes tea", author=owner),
        "possession": Possession(customer=one, kind="ring", title="Ring"),
    }
    for row in rows.values():
        row.save()
    sold = purchases.sale(customer=one, store_id=store.id)
    made = {name: str(row.pk) for name, row in rows.items()}
    made["task"] = str(mornings.task(one).pk)
    made |= surveys_of(one, store)
    about = complaint(one)
    asked = Remedy(
        case=about, store_id=store.id, kind="gift", label="Tea", approval="store-manager",
        asked_by_id=owner.id, asked_at=NOW,
    )  # fmt: skip
    asked.save()
    made |= {"complaint": str(about.pk), "remedy": str(asked.pk)}
    made |= {"case-link": numbers.token(about.pk), "case-picture": pictured(about)}
    made["place"] = places.of_store(store.id)
    made["kept-picture"] = Held("", pictures.save(b"\xff\xd8\xff"), "").token
    made |= talk.with_one(one, tag=tag)
    made["line"] = str(Line.objects.get(purchase=sold.purchase_id).pk)
    return made | {"customer": str(one.id), "purchase": str(sold.purchase_id)}


def surveys_of(customer: Customer, store: Store) -> Things:
    """Make an answer of a customer, a question that waits for one, and the store's tablet."""
    answered = surveys.answered(customer=customer, store_id=store.id, at=NOW)
    asked = surveys.asked(customer=customer, store_id=store.id, at=NOW, expires_at=None)
    return {
        "answer": str(answered.pk),
        "survey-link": links.token("invitation", asked.pk),
        "tablet": links.token("tablet", store.id, epoch=store.device_epoch),
    }


def complaint(customer: Customer) -> Case:
    """Raise a complaint of a customer in their home store, which nobody has opened yet."""
    assert customer.home_store_id is not None
    draft = Draft(
        store_id=customer.home_store_id, customer_id=customer.pk, raised="web", text="It broke."
    )
    return complaints.open_case(actor=audit.SYSTEM, draft=draft, now=NOW, key=str(customer.pk))


def pictured(case: Case) -> str:
    """Show a picture in a complaint, and return its name."""
    name = uuid4().hex
    default_storage.save(pictures._path(name), ContentFile(b"\xff\xd8\xff"))
    writing.write(
        case, "message-in", actor=audit.SYSTEM, now=NOW, public=True, data={"files": [name]}
    )
    return name


def absent(like: Things) -> Things:
    """Return names of things that never were, each as long as the real one."""
    return {name: _never_was(text) for name, text in like.items()}


def _never_was(text: str) -> str:
    try:
        UUID(text)
    except ValueError:
        return text[:-4] + ("zzzz" if text[-4:] != "zzzz" else "yyyy")
    return str(new_id())
