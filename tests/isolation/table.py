"""What each operation of a chain answers to whom. A new operation needs a row.

A row of PAGES: method, address, who may, what they are answered, what is answered to the scoped of
them (region and store manager, guide) about a thing of another store, what a stranger is answered,
and the permission. O owner, H head office, R region manager, S store manager, G guide, A analyst;
who is not named is answered 403. ``302L`` leads to the sign-in page, which is what a stranger is
answered where nothing else (``-``) is written. Forms are sent empty unless BODIES has them.

A row of CALLS: method, address, what a key is answered, the scopes of which it needs one.
"""

from dataclasses import dataclass
from typing import Final

from tests.isolation.operations import Operation

ROLES: Final = "OHRSGA"
SIGN_IN: Final = "302L"


@dataclass(frozen=True, kw_only=True)
class Page:
    """What people are answered."""

    operation: Operation
    roles: str
    answer: str
    elsewhere: str
    stranger: str
    permission: str


@dataclass(frozen=True, kw_only=True)
class Call:
    """What keys are answered."""

    operation: Operation
    answer: str
    scopes: tuple[str, ...]


PAGES_TEXT: Final = """
GET   /                                               OHRSGA 302  -    -    -
GET   /account/2fa/                                   OHRSGA 200  -    -    -
GET   /account/2fa/authenticate/                      OHRSGA 302  -    -    -
POST  /account/2fa/authenticate/                      OHRSGA 302  -    -    -
GET   /account/2fa/codes/                             OHRSGA 404  -    -    -
GET   /account/2fa/codes/download/                    OHRSGA 404  -    -    -
GET   /account/2fa/codes/generate/                    OHRSGA 302  -    -    -
POST  /account/2fa/codes/generate/                    OHRSGA 302  -    -    -
GET   /account/2fa/reauthenticate/                    OHRSGA 302  -    -    -
POST  /account/2fa/reauthenticate/                    OHRSGA 302  -    -    -
GET   /account/2fa/totp/activate/                     OHRSGA 302  -    -    -
POST  /account/2fa/totp/activate/                     OHRSGA 302  -    -    -
GET   /account/2fa/totp/deactivate/                   OHRSGA 404  -    -    -
POST  /account/2fa/totp/deactivate/                   OHRSGA 404  -    -    -
GET   /account/inactive/                              OHRSGA 200  -    200  -
GET   /account/login/                                 OHRSGA 302  -    200  -
POST  /account/login/                                 OHRSGA 302  -    200  -
GET   /account/logout/                                OHRSGA 200  -    302  -
POST  /account/logout/                                OHRSGA 302  -    302  -
GET   /account/password/change/                       OHRSGA 200  -    -    -
POST  /account/password/change/                       OHRSGA 200  -    -    -
GET   /account/password/reset/                        OHRSGA 200  -    200  -
POST  /account/password/reset/                        OHRSGA 200  -    200  -
GET   /account/password/reset/done/                   OHRSGA 200  -    200  -
GET   /account/password/reset/key/{uidb36}-{key}/     OHRSGA 302  302  302  -
POST  /account/password/reset/key/{uidb36}-{key}/     OHRSGA 302  302  302  -
GET   /account/password/reset/key/done/               OHRSGA 200  -    200  -
GET   /account/password/set/                          OHRSGA 302  -    -    -
POST  /account/password/set/                          OHRSGA 302  -    -    -
GET   /account/reauthenticate/                        OHRSGA 200  -    -    -
POST  /account/reauthenticate/                        OHRSGA 200  -    -    -
GET   /api/docs/                                      OHRSGA 200  -    200  -
GET   /api/openapi.json                               OHRSGA 200  -    200  -
GET   /api/problems/{code}/                           OHRSGA 200  -    200  -
GET   /callbacks/{slot}/{provider}/                   OHRSGA 400  -    400  -
POST  /callbacks/{slot}/{provider}/                   OHRSGA 400  -    400  -
GET   /counter/                                       OHRSG- 200  -    -    purchases.record
POST  /counter/customers/                             OHRSG- 422  -    -    purchases.record
GET   /counter/receipts/                              OHRSG- 200  -    -    purchases.record
GET   /counter/receipts/{pk}/                         OHRSG- 200  200  -    purchases.record
GET   /counter/receipts/{pk}/card/                    OHRSG- 200  200  -    purchases.record
GET   /counter/receipts/{pk}/handover/                OHRSG- 200  200  -    purchases.record
POST  /counter/receipts/{pk}/handover/                OHRSG- 302  302  -    purchases.record
GET   /counter/receipts/{pk}/return/                  OHRSG- 200  200  -    purchases.record
POST  /counter/receipts/{pk}/return/                  OHRSG- 200  200  -    purchases.record
GET   /counter/sale/                                  OHRSG- 200  -    -    purchases.record
POST  /counter/sale/                                  OHRSG- 422  -    -    purchases.record
GET   /counter/sale/preview/                          OHRSG- 200  -    -    purchases.record
GET   /customers/                                     OHRSGA 200  -    -    customers.view
GET   /customers/{pk}/                                OHRSGA 200  404  -    customers.view
GET   /customers/{pk}/answers/                        OHRSG- 200  404  -    customers.edit
POST  /customers/{pk}/answers/                        OHRSG- 200  404  -    customers.edit
GET   /customers/{pk}/consents/                       OHRSG- 200  404  -    customers.edit
POST  /customers/{pk}/consents/                       OHRSG- 200  404  -    customers.edit
GET   /customers/{pk}/days/                           OHRSG- 200  404  -    customers.edit
POST  /customers/{pk}/days/                           OHRSG- 200  404  -    customers.edit
GET   /customers/{pk}/days/{event_id}/                OHRSG- 200  404  -    customers.edit
POST  /customers/{pk}/days/{event_id}/                OHRSG- 200  404  -    customers.edit
POST  /customers/{pk}/days/{event_id}/remove/         OHRSG- 302  404  -    customers.edit
GET   /customers/{pk}/days/fields/                    OHRSG- 200  404  -    customers.edit
GET   /customers/{pk}/details/                        OHRSG- 200  404  -    customers.edit
POST  /customers/{pk}/details/                        OHRSG- 200  404  -    customers.edit
GET   /customers/{pk}/disclose/                       OHR--- 200  404  -    customers.export
POST  /customers/{pk}/disclose/                       OHR--- 200  404  -    customers.export
GET   /customers/{pk}/edit/                           OHRSG- 200  404  -    customers.edit
POST  /customers/{pk}/edit/                           OHRSG- 200  404  -    customers.edit
GET   /customers/{pk}/erase/                          OH---- 200  -    -    customers.erase
POST  /customers/{pk}/erase/                          OH---- 200  -    -    customers.erase
GET   /customers/{pk}/gifts/                          OHRSG- 200  404  -    customers.edit
POST  /customers/{pk}/gifts/                          OHRSG- 422  404  -    customers.edit
GET   /customers/{pk}/merge/                          OHRS-- 200  404  -    customers.merge
POST  /customers/{pk}/merge/                          OHRS-- 200  404  -    customers.merge
GET   /customers/{pk}/messages/                       OHRSGA 200  404  -    customers.view
POST  /customers/{pk}/messages/call/                  OHRSG- 409  404  -    customers.edit
GET   /customers/{pk}/messages/log/                   OHRSG- 200  404  -    customers.edit
POST  /customers/{pk}/messages/log/                   OHRSG- 200  404  -    customers.edit
POST  /customers/{pk}/messages/write/                 OHRSG- 422  404  -    customers.edit
POST  /customers/{pk}/messages/{contact_id}/over/     OHRSG- 302  404  -    customers.edit
GET   /customers/{pk}/notes/                          OHRSG- 200  404  -    customers.edit
POST  /customers/{pk}/notes/                          OHRSG- 200  404  -    customers.edit
POST  /customers/{pk}/notes/{note_id}/remove/         OHRSG- 302  404  -    customers.edit
POST  /customers/{pk}/notes/{note_id}/warning/        OHRSG- 302  404  -    customers.edit
GET   /customers/{pk}/numbers/                        OHRSG- 200  404  -    customers.edit
POST  /customers/{pk}/numbers/                        OHRSG- 200  404  -    customers.edit
POST  /customers/{pk}/numbers/{identity_id}/remove/   OHRSG- 302  404  -    customers.edit
GET   /customers/{pk}/owner/                          OHRS-- 200  404  -    customers.hand-over
POST  /customers/{pk}/owner/                          OHRS-- 200  404  -    customers.hand-over
POST  /customers/{pk}/phone/                          OHRSG- 200  404  -    customers.reveal-phone
GET   /customers/{pk}/question/                       OHRSG- 302  404  -    customers.edit
POST  /customers/{pk}/question/                       OHRSG- 302  404  -    customers.edit
GET   /customers/{pk}/story/                          OHRSGA 200  404  -    customers.view
GET   /customers/{pk}/things/                         OHRSG- 200  404  -    customers.edit
POST  /customers/{pk}/things/                         OHRSG- 200  404  -    customers.edit
GET   /customers/{pk}/things/{possession_id}/         OHRSG- 200  404  -    customers.edit
POST  /customers/{pk}/things/{possession_id}/         OHRSG- 200  404  -    customers.edit
POST  /customers/{pk}/things/{possession_id}/again/   OHRSG- 302  404  -    customers.edit
POST  /customers/{pk}/things/{possession_id}/end/     OHRSG- 302  404  -    customers.edit
GET   /customers/{pk}/things/of/{kind}/               OHRSG- 200  404  -    customers.edit
POST  /customers/{pk}/things/of/{kind}/               OHRSG- 200  404  -    customers.edit
POST  /customers/{pk}/unmerge/                        OHRS-- 302  404  -    customers.merge
GET   /customers/export/                              OHR--- 200  -    -    customers.export
GET   /customers/export/customers.csv                 OHR--- 200  -    -    customers.export
GET   /customers/export/customers.xlsx                OHR--- 200  -    -    customers.export
GET   /customers/hand-over/                           OHRS-- 200  -    -    customers.hand-over
POST  /customers/hand-over/                           OHRS-- 200  -    -    customers.hand-over
GET   /customers/new/                                 OHRSG- 200  -    -    customers.edit
POST  /customers/new/                                 OHRSG- 200  -    -    customers.edit
GET   /customers/quiet/                               OHRSGA 200  -    -    customers.view
GET   /customers/similar/                             OHRSG- 200  -    -    customers.edit
GET   /first-steps/                                   OH---- 200  -    -    imports.run
GET   /imports/                                       OH---- 200  -    -    imports.run
GET   /imports/{import_id}/                           OH---- 200  -    -    imports.run
POST  /imports/{import_id}/cancel/                    OH---- 302  -    -    imports.run
POST  /imports/{import_id}/check/                     OH---- 302  -    -    imports.run
GET   /imports/{import_id}/columns/                   OH---- 200  -    -    imports.run
POST  /imports/{import_id}/columns/                   OH---- 200  -    -    imports.run
POST  /imports/{import_id}/name/                      OH---- 422  -    -    imports.run
GET   /imports/{import_id}/progress/                  OH---- 302  -    -    imports.run
GET   /imports/{import_id}/purchases/                 OH---- 200  -    -    imports.run
POST  /imports/{import_id}/reading/                   OH---- 302  -    -    imports.run
GET   /imports/{import_id}/rejected/                  OH---- 200  -    -    imports.run
POST  /imports/{import_id}/remove/                    OH---- 302  -    -    imports.run
POST  /imports/{import_id}/retry/                     OH---- 302  -    -    imports.run
POST  /imports/{import_id}/start/                     OH---- 302  -    -    imports.run
POST  /imports/{import_id}/undo/                      OH---- 302  -    -    imports.run
GET   /imports/new/                                   OH---- 200  -    -    imports.run
POST  /imports/new/                                   OH---- 422  -    -    imports.run
GET   /imports/samples/{kind}.csv                     OH---- 200  -    -    imports.run
GET   /insights/                                      OHRS-A 200  -    -    insights.view
GET   /insights/care/                                 OHRS-A 200  -    -    insights.view
GET   /insights/care/question/                        OHRS-A 404  -    -    insights.view
GET   /insights/care/rows/                            OHRS-A 200  -    -    insights.view
GET   /insights/customers/                            OHRS-A 200  -    -    insights.view
GET   /insights/files/{what}.csv                      OHRS-A 200  -    -    insights.export
GET   /insights/files/{what}.xlsx                     OHRS-A 200  -    -    insights.export
GET   /insights/gifts/                                OHRS-A 200  -    -    insights.view
GET   /insights/gifts/gifts.csv                       OHRS-A 200  -    -    insights.export
GET   /insights/gifts/gifts.xlsx                      OHRS-A 200  -    -    insights.export
GET   /insights/rows/{kind}/                          OHRS-A 200  -    -    insights.view
GET   /insights/scorecard/                            OHRS-A 200  -    -    insights.view
GET   /insights/scorecard/{kind}/                     OHRS-A 200  -    -    insights.view
GET   /join/{token}/                                  OHRSGA 200  200  200  -
POST  /join/{token}/                                  OHRSGA 200  200  200  -
POST  /language/                                      OHRSGA 302  -    302  -
GET   /leave/{token}/                                 OHRSGA 200  200  200  -
POST  /leave/{token}/                                 OHRSGA 200  200  200  -
GET   /me/                                            OHRSGA 200  -    -    -
POST  /me/                                            OHRSGA 200  -    -    -
GET   /me/address/                                    OHRSGA 200  -    -    -
POST  /me/address/                                    OHRSGA 422  -    -    -
GET   /me/address/{token}/                            OHRSGA 200  200  200  -
POST  /me/address/{token}/                            OHRSGA 302L 302L -    -
POST  /me/address/withdraw/                           OHRSGA 302  -    -    -
POST  /me/pin/                                        OHRSGA 302  -    -    -
GET   /messages/                                      OHRSG- 200  -    -    customers.edit
GET   /messages/batches/                              OH---- 200  -    -    rules.manage
GET   /messages/batches/new/                          OH---- 200  -    -    rules.manage
POST  /messages/batches/new/                          OH---- 200  -    -    rules.manage
GET   /messages/batches/{batch_id}/                   OH---- 200  -    -    rules.manage
POST  /messages/batches/{batch_id}/begin/             OH---- 302  -    -    rules.manage
GET   /messages/batches/{batch_id}/passed.csv         OH---- 200  -    -    rules.manage
GET   /messages/batches/{batch_id}/passed.xlsx        OH---- 200  -    -    rules.manage
GET   /messages/batches/{batch_id}/passed/            OH---- 200  -    -    rules.manage
GET   /messages/batches/{batch_id}/progress/          OH---- 302  -    -    rules.manage
POST  /messages/batches/{batch_id}/stop/              OH---- 302  -    -    rules.manage
POST  /messages/batches/{batch_id}/unknown/{message_id}/ OH---- 302  -    -    rules.manage
GET   /messages/count/                                OHRSG- 200  -    -    customers.edit
GET   /messages/unknown/{contact_id}/                 OHRS-- 200  -    -    customers.hand-over
POST  /messages/unknown/{contact_id}/attach/          OHRS-- 422  -    -    customers.hand-over
POST  /messages/unknown/{contact_id}/done/            OHRS-- 302  -    -    customers.hand-over
POST  /messages/unknown/{contact_id}/new/             OHRS-- 302  -    -    customers.hand-over
GET   /messages/{pk}/                                 OHRSG- 200  404  -    customers.edit
POST  /messages/{pk}/answer/                          OHRSG- 422  404  -    customers.edit
POST  /messages/{pk}/done/                            OHRSG- 302  404  -    customers.edit
GET   /messages/{pk}/fresh/                           OHRSG- 200  404  -    customers.edit
GET   /messages/{pk}/hand/                            OHRSG- 200  404  -    customers.edit
POST  /messages/{pk}/hand/                            OHRSG- 200  404  -    customers.edit
GET   /messages/words/                                OHRSG- 200  -    -    customers.edit
GET   /messages/words/{customer_id}/                  OHRSG- 200  404  -    customers.edit
GET   /my-card/                                       OHRSG- 200  -    -    care.view
GET   /my-card/{kind}/                                OHRSG- 200  -    -    care.view
GET   /purchases/export/                              OHR--- 200  -    -    customers.export
GET   /purchases/export/purchases.csv                 OHR--- 200  -    -    customers.export
GET   /purchases/export/purchases.xlsx                OHR--- 200  -    -    customers.export
GET   /search/                                        OHRSGA 302  -    -    customers.view
GET   /settings/                                      OHRSGA 200  -    -    -
GET   /settings/budget/                               OH---- 200  -    -    rules.manage
POST  /settings/budget/                               OH---- 200  -    -    rules.manage
GET   /settings/budget/regions/{region_id}/           OH---- 200  -    -    rules.manage
POST  /settings/budget/regions/{region_id}/           OH---- 200  -    -    rules.manage
GET   /settings/budget/stores/{store_id}/             OH---- 200  -    -    rules.manage
POST  /settings/budget/stores/{store_id}/             OH---- 200  -    -    rules.manage
GET   /settings/budget/tiers/{tier}/                  OH---- 200  -    -    rules.manage
POST  /settings/budget/tiers/{tier}/                  OH---- 200  -    -    rules.manage
GET   /settings/gifts/                                OH---- 200  -    -    rules.manage
GET   /settings/gifts/{key}/                          OH---- 200  -    -    rules.manage
POST  /settings/gifts/{key}/                          OH---- 200  -    -    rules.manage
POST  /settings/gifts/{key}/remove/                   OH---- 302  -    -    rules.manage
GET   /settings/gifts/new/                            OH---- 200  -    -    rules.manage
POST  /settings/gifts/new/                            OH---- 200  -    -    rules.manage
GET   /settings/keys/                                 OH---- 200  -    -    keys.manage
POST  /settings/keys/{key_id}/revoke/                 OH---- 302  -    -    keys.manage
GET   /settings/keys/new/                             OH---- 200  -    -    keys.manage
POST  /settings/keys/new/                             OH---- 200  -    -    keys.manage
GET   /settings/look/                                 OH---- 200  -    -    chain.manage
POST  /settings/look/                                 OH---- 422  -    -    chain.manage
GET   /settings/look/sample/                          OH---- 200  -    -    chain.manage
GET   /settings/plans/                                OH---- 200  -    -    rules.manage
GET   /settings/plans/new/                            OH---- 200  -    -    rules.manage
POST  /settings/plans/new/                            OH---- 422  -    -    rules.manage
GET   /settings/plans/{key}/                          OH---- 200  -    -    rules.manage
POST  /settings/plans/{key}/                          OH---- 422  -    -    rules.manage
GET   /settings/plans/{key}/add/                      OH---- 200  -    -    rules.manage
POST  /settings/plans/{key}/add/                      OH---- 422  -    -    rules.manage
POST  /settings/plans/{key}/follow/                   OH---- 302  -    -    rules.manage
GET   /settings/plans/{key}/steps/{step}/             OH---- 200  -    -    rules.manage
POST  /settings/plans/{key}/steps/{step}/             OH---- 422  -    -    rules.manage
POST  /settings/plans/{key}/steps/{step}/turn/        OH---- 302  -    -    rules.manage
POST  /settings/plans/{key}/switch/                   OH---- 302  -    -    rules.manage
GET   /settings/providers/                            OH---- 200  -    -    keys.manage
GET   /settings/providers/{slot}/                     OH---- 200  -    -    keys.manage
POST  /settings/providers/{slot}/                     OH---- 200  -    -    keys.manage
POST  /settings/providers/{slot}/drop/                OH---- 302  -    -    keys.manage
POST  /settings/providers/{slot}/test/                OH---- 302  -    -    keys.manage
GET   /settings/ownership/                            OH---- 200  -    -    rules.manage
POST  /settings/ownership/                            OH---- 302  -    -    rules.manage
GET   /settings/rules/                                OH---- 200  -    -    rules.manage
POST  /settings/rules/                                OH---- 200  -    -    rules.manage
GET   /settings/rules/{noun}/{key}/                   OH---- 200  -    -    rules.manage
POST  /settings/rules/{noun}/{key}/                   OH---- 200  -    -    rules.manage
POST  /settings/rules/{noun}/{key}/follow/            OH---- 302  -    -    rules.manage
POST  /settings/rules/{noun}/{key}/switch/            OH---- 302  -    -    rules.manage
GET   /settings/stopped/                              OHRSG- 200  -    -    customers.edit
POST  /settings/stopped/                              OHRSG- 200  -    -    customers.edit
POST  /settings/stopped/add/                          OHRSG- 302  -    -    customers.edit
POST  /settings/stopped/back/                         OHRSG- 302  -    -    customers.edit
GET   /settings/texts/                                OH---- 200  -    -    rules.manage
POST  /settings/texts/check/{field}/                  OH---- 200  -    -    rules.manage
GET   /settings/texts/edit/{key}/                     OH---- 200  -    -    rules.manage
POST  /settings/texts/edit/{key}/                     OH---- 200  -    -    rules.manage
POST  /settings/texts/edit/{key}/approval/            OH---- 302  -    -    rules.manage
POST  /settings/texts/edit/{key}/follow/              OH---- 302  -    -    rules.manage
POST  /settings/texts/edit/{key}/remove/              OH---- 409  -    -    rules.manage
POST  /settings/texts/edit/{key}/switch/              OH---- 302  -    -    rules.manage
GET   /settings/texts/lists/                          OH---- 200  -    -    rules.manage
POST  /settings/texts/lists/                          OH---- 200  -    -    rules.manage
POST  /settings/texts/lists/try/                      OH---- 200  -    -    rules.manage
GET   /settings/texts/new/                            OH---- 200  -    -    rules.manage
POST  /settings/texts/new/                            OH---- 200  -    -    rules.manage
GET   /settings/texts/people/                         OH---- 200  -    -    rules.manage
POST  /settings/texts/preview/{customer_id}/          OH---- 200  -    -    rules.manage
POST  /settings/texts/trial/                          OH---- 200  -    -    rules.manage
GET   /stores/                                        OHRS-- 200  -    -    stores.edit
GET   /stores/{store_id}/                             OHRS-- 200  404  -    stores.edit
POST  /stores/{store_id}/close/                       OH---- 422  -    -    stores.manage
POST  /stores/{store_id}/devices/                     OHRS-- 302  404  -    stores.edit
GET   /stores/{store_id}/edit/                        OHRS-- 200  404  -    stores.edit
POST  /stores/{store_id}/edit/                        OHRS-- 200  404  -    stores.edit
GET   /stores/{store_id}/hours/                       OHRS-- 200  404  -    stores.edit
POST  /stores/{store_id}/hours/                       OHRS-- 302  404  -    stores.edit
POST  /stores/{store_id}/hours/days/                  OHRS-- 422  404  -    stores.edit
POST  /stores/{store_id}/hours/days/remove/           OHRS-- 302  404  -    stores.edit
POST  /stores/{store_id}/reopen/                      OH---- 302  -    -    stores.manage
GET   /stores/new/                                    OH---- 200  -    -    stores.manage
POST  /stores/new/                                    OH---- 200  -    -    stores.manage
GET   /stores/paste/                                  OH---- 200  -    -    stores.manage
POST  /stores/paste/                                  OH---- 200  -    -    stores.manage
GET   /stores/regions/                                OH---- 200  -    -    stores.manage
POST  /stores/regions/                                OH---- 200  -    -    stores.manage
GET   /stores/regions/{region_id}/                    OH---- 200  -    -    stores.manage
POST  /stores/regions/{region_id}/                    OH---- 200  -    -    stores.manage
GET   /switch/                                        OHRSGA 200  -    -    -
GET   /switch/{staff_id}/                             OHRSGA 302L 302L -    -
POST  /switch/{staff_id}/                             OHRSGA 302L 302L -    -
POST  /switch/share/                                  OHRS-- 302  -    -    -
POST  /switch/stop/                                   OHRS-- 302  -    -    -
GET   /team/                                          OHRS-- 200  -    -    team.manage
GET   /team/{staff_id}/                               OHRS-- 200  404  -    team.manage
POST  /team/{staff_id}/edit/                          OHRS-- 422  404  -    team.manage
POST  /team/{staff_id}/leave/                         OHRS-- 302  404  -    team.manage
POST  /team/{staff_id}/pin/                           OHRS-- 302  404  -    team.manage
POST  /team/{staff_id}/place/                         OHRS-- 422  404  -    team.manage
POST  /team/{staff_id}/resend/                        OHRS-- 302  404  -    team.manage
POST  /team/{staff_id}/withdraw/                      OHRS-- 302  404  -    team.manage
GET   /team/add/                                      OHRS-- 200  -    -    team.manage
POST  /team/add/                                      OHRS-- 200  -    -    team.manage
GET   /team/invite/                                   OHRS-- 200  -    -    team.manage
POST  /team/invite/                                   OHRS-- 200  -    -    team.manage
GET   /today/                                         OHRSG- 200  -    -    care.view
POST  /today/hand-on/                                 OHRS-- 302  -    -    care.manage
GET   /today/{task_id}/                               OHRSG- 200  404  -    care.view
POST  /today/{task_id}/hand-on/                       OHRSG- 302  404  -    care.view
POST  /today/{task_id}/later/                         OHRSG- 302  404  -    care.view
POST  /today/{task_id}/leave-out/                     OHRSG- 302  404  -    care.view
POST  /today/{task_id}/result/                        OHRSG- 422  404  -    care.view
GET   /welcome/                                       OHRSGA 302L -    -    -
"""

CALLS_TEXT: Final = """
GET   /api/v1/                                        404  -
GET   /api/v1/customers                               200  customers.read
POST  /api/v1/customers                               422  customers.write|till
GET   /api/v1/customers/{customer_id}                 200  customers.read
PATCH /api/v1/customers/{customer_id}                 200  customers.write|till
GET   /api/v1/customers/{customer_id}/balance         200  customers.read|till
GET   /api/v1/customers/{customer_id}/points          200  customers.read
GET   /api/v1/customers/find                          422  customers.read|till
POST  /api/v1/exchanges                               422  till
GET   /api/v1/guides                                  200  stores.read|till
GET   /api/v1/imports                                 200  imports
POST  /api/v1/imports                                 415  imports
GET   /api/v1/imports/{import_id}                     200  imports
PATCH /api/v1/imports/{import_id}                     200  imports
POST  /api/v1/imports/{import_id}/cancel              409  imports
POST  /api/v1/imports/{import_id}/check               202  imports
GET   /api/v1/imports/{import_id}/rejected            200  imports
POST  /api/v1/imports/{import_id}/start               409  imports
POST  /api/v1/imports/{import_id}/undo                409  imports
GET   /api/v1/purchases                               200  purchases.read|till
POST  /api/v1/purchases                               422  till
GET   /api/v1/purchases/{purchase_id}                 200  purchases.read|till
POST  /api/v1/purchases/batch                         422  till
POST  /api/v1/purchases/preview                       422  till
POST  /api/v1/returns                                 422  till
GET   /api/v1/stores                                  200  stores.read|till
"""

BODIES: Final = {
    "POST /switch/share/": "store={store}",
    "POST /customers/{pk}/question/": "key=promotions&decline=1",
}


def _page(line: str) -> Page:
    method, route, roles, answer, elsewhere, stranger, permission = line.split()
    return Page(
        operation=Operation(route, method),
        roles=roles.replace("-", ""),
        answer=answer,
        elsewhere="" if elsewhere == "-" else elsewhere,
        stranger=SIGN_IN if stranger == "-" else stranger,
        permission="" if permission == "-" else permission,
    )


def _call(line: str) -> Call:
    method, route, answer, scopes = line.split()
    return Call(
        operation=Operation(route, method),
        answer=answer,
        scopes=() if scopes == "-" else tuple(scopes.split("|")),
    )


PAGES: Final = tuple(_page(line) for line in PAGES_TEXT.strip().splitlines())
CALLS: Final = tuple(_call(line) for line in CALLS_TEXT.strip().splitlines())
EVERY: Final = frozenset(each.operation for each in PAGES) | {each.operation for each in CALLS}
