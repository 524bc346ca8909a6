"""Language models that can be asked: one contract (`engine.py`), whatever answers."""

from curation.sft.engines.engine import Engine, Message, Reply, Request
from curation.sft.engines.model_licences import Terms, closed_because, terms_of
from curation.sft.engines.status import Status, View

__all__ = ["Engine", "Message", "Reply", "Request", "Status", "Terms", "View", "closed_because", "terms_of"]
