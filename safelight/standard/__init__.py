"""The parts of the DICOM standard that rules are made of: data and typed loaders.

``confidentiality`` PS3.15 Table E.1-1 · ``options`` CID 7050 · ``private`` safe private
elements · ``iod`` attributes and Types by IOD · ``vocabulary`` technical text and class UIDs.
``build`` makes the data files again from their sources.
"""
