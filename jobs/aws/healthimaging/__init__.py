"""Import de-identified objects into AWS HealthImaging, follow the imports, and delete patients."""
