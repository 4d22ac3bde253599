"""Tables of the DICOM standard. The modules of `safelight.standard` load them."""
