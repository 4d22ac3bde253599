from __future__ import annotations

from pathlib import Path

from nlp_pipelines.plain_paths import plain_paths


def test_a_plain_path_stays() -> None:
    path = Path("/opt/safelight-1.0/models/safelight_text")
    with plain_paths(path, path) as found:
        assert found == (path, path)


def test_a_path_with_a_space_has_a_link_for_the_time_of_the_block(tmp_path: Path) -> None:
    folder = tmp_path / "my modèl%20 #1"
    folder.mkdir()
    (folder / "model.onnx").write_bytes(b"x")
    with plain_paths(folder, tmp_path) as (link, other):
        assert (link / "model.onnx").read_bytes() == b"x"
        assert not set(" %#è") & set(str(link)) and other.samefile(tmp_path)
    assert not link.exists() and (folder / "model.onnx").exists()
