"""Import de-identified objects into AWS HealthImaging, check them there, and delete patients."""
