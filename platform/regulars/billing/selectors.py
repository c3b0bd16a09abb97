"""Reading how a chain stands with its payments."""

from regulars.billing import entitlements
from regulars.tenancy.context import ChainInfo


def is_over(chain: ChainInfo) -> bool:
    """Say whether a chain's people may only look, or less: what is written to it waits in vain.

    Asks nobody; what was told of its payments last stands beside the chain, and a demo is open.
    """
    return not entitlements.of(chain).may_change
