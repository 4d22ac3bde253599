from __future__ import annotations

from tools.train_text_model.pools import Pools, words

_PLAIN = (
    "drugs", "anatomy", "findings", "eponyms", "vendors", "models", "sequences", "trials", "genes",
    "abbreviations", "signs", "organisms", "supplies", "kin", "service", "symptom", "lang",
)  # fmt: skip


def small_pools() -> Pools:
    """Return short lists that need no public data."""
    names = ["Kowalczyk", "Okonkwo", "Rose"]
    return Pools(
        "train", names, names, ["Anna"], ["Otto"], ["Ada"], names, names, ["Zoë"], ["Oak"],
        ["Lane"], [("Duluth", "MN", "Saint Louis")], ["Mercy Hospital"], ["Acme"], ["Kenya"],
        ["librarian"], ["maple"], ["DMC"], ["Acme Mills"],
        {name: words(name, "train") for name in _PLAIN}
        | {"med": ["hilum"], "clause": ["No fever today."]},
    )  # fmt: skip
