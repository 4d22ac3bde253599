"""Apply a plan to the element tree of one object, on its bytes."""
