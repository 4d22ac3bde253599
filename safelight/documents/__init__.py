"""Documents inside objects: encapsulated PDF and CDA.

Structured reports need no module here: their content tree is elements, and the header stage
walks it by the plan (``Op.STRUCTURED_CONTENT``), text items through the text policy.
"""
