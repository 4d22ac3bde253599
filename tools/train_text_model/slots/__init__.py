"""Fill the slots of the templates with values and their labels."""

from tools.train_text_model.slots.template_slots import Slots
from tools.train_text_model.slots.training import TrainingSlots

__all__ = ["Slots", "TrainingSlots"]
