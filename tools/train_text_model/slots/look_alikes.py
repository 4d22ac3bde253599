"""Fill slots with text that resembles an identifier: codes, measurements, numbers."""

from __future__ import annotations

from tools.train_text_model.slots.base import Filled, SlotBase


class LookAlikeSlots(SlotBase):
    """Slots of codes, measurements and numbers, which must be kept."""

    def _fill_code(self) -> Filled:
        rng = self.rng
        return rng.choice(
            [
                f"{rng.choice('ABCDEFGIJKLMNRSTZ')}{self._digits(2)}."
                f"{self._digits(rng.randrange(1, 4))}",
                f"7{self._digits(4)}",
                f"99{self._digits(3)}",
                f"G0{self._digits(3)}",
                f"{self._digits(4)}-{self._digits(1)}",
                f"J{self._digits(4)}",
                f"NCT{self._digits(8)}",
                f"113{self._digits(3)}",
                f"T-{self._digits(5)}",
                f"{self._digits(3)}.{self._digits(1)}",
                f"DRG {self._digits(3)}",
            ]
        ), None

    def _fill_longcode(self) -> Filled:
        return self._digits(self.rng.choice([6, 7, 8, 8, 9])), None

    def _fill_codesystem(self) -> Filled:
        return self.rng.choice(
            [
                "ICD-10",
                "ICD-9",
                "CPT",
                "HCPCS",
                "LOINC",
                "SNOMED CT",
                "RxNorm",
                "DCM",
                "SRT",
                "ICD10",
                "ICD-10-CM",
                "UMLS",
                "NDC",
                "DRG",
            ]
        ), None

    def _fill_modality(self) -> Filled:
        return self.rng.choice(
            [
                "CT",
                "MRI",
                "MR",
                "X-ray",
                "XR",
                "ultrasound",
                "US",
                "PET/CT",
                "mammogram",
                "DEXA",
                "CTA",
                "MRA",
                "echo",
                "fluoroscopy",
                "bone scan",
                "chest radiograph",
                "CT scan",
                "EKG",
                "colonoscopy",
            ]
        ), None

    def _fill_num(self) -> Filled:
        return str(self.rng.choice([self.rng.randrange(1, 20), self.rng.randrange(1, 600)])), None

    def _fill_meas(self) -> Filled:
        rng = self.rng
        return rng.choice(
            [
                f"{rng.uniform(0.1, 20):.1f} cm",
                f"{rng.randrange(1, 99)} mm",
                f"{rng.randrange(1, 15)} x {rng.randrange(1, 15)} mm",
                " x ".join(f"{rng.uniform(0.5, 9):.1f}" for _ in range(3)) + " cm",
                f"{rng.randrange(90, 190)}/{rng.randrange(50, 100)}",
                f"{rng.randrange(20, 900)} mg",
                f"{rng.uniform(1, 200):.1f} mg/dL",
                f"{rng.randrange(40, 140)} bpm",
                f"{rng.randrange(85, 100)}%",
                f"{rng.uniform(36, 40):.1f} C",
                f"{rng.uniform(97, 104):.1f} F",
                f"{rng.randrange(30, 150)} kg",
                f"{rng.randrange(90, 400)} mL",
                f"{rng.randrange(80, 140)} kVp",
                f"{rng.randrange(20, 400)} mAs",
                f"{rng.randrange(-150, 1200)} HU",
                f"{rng.randrange(100, 900)} mGy-cm",
                f"SUV {rng.uniform(1, 30):.1f}",
                f"{rng.randrange(0, 10)}/10",
                f"{rng.randrange(1, 4)}+",
                f"{rng.randrange(2, 400)}",
                f"{rng.uniform(0.1, 30):.2f}",
                f"TE {rng.randrange(5, 120)}",
                f"TR {rng.randrange(200, 9000)}",
                f"{rng.randrange(1000, 99999)}",
                f"{rng.randrange(1, 7)}/{rng.randrange(2, 9)}",
            ]
        ), None
