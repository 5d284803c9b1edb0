"""The policy in memory: sellers, and a studio that changes what they stand on."""

from collections.abc import Sequence

from amends.adapters import packs as shipped
from amends.adapters.memory.policy_steps import MemoryPolicySteps
from amends.adapters.memory.seller_policies import MemorySellerPolicies
from amends.adapters.memory.seller_reads import MemorySellerReads
from amends.adapters.memory.store import MemoryStore
from amends.application.policies import PolicyBook
from amends.application.ports import Clock
from amends.application.sellers import Sellers
from amends.application.studio import Studio
from amends.domain.policy.stack import Pack


def shop_and_studio(store: MemoryStore, clock: Clock, packs: Sequence[Pack]) -> tuple[Sellers, Studio]:
    """Sellers and a studio over one book."""
    steps, policies = MemoryPolicySteps(), MemorySellerPolicies()
    texts = shipped.texts(pack.pack_id for pack in packs if pack.pack_id in shipped.shipped())
    book = PolicyBook(packs, steps, texts)
    return Sellers(policies, MemorySellerReads(store), book), Studio(book, steps, clock, policies)
