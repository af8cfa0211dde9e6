"""Files of mails get names that harm no system."""

import pytest

from connectors.mail.files import safe_name, safe_type


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("invoice.pdf", "invoice.pdf"),
        ("請求書 11月.pdf", "請求書 11月.pdf"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\win.ini", "win.ini"),
        ("/etc/passwd", "passwd"),
        ("C:\\autoexec.bat", "autoexec.bat"),
        ("..", "file"),
        (".", "file"),
        ("", "file"),
        ("   ", "file"),
        (".bashrc", "bashrc"),
        ("-rf", "rf"),
        ("CON", "_CON"),
        ("con.txt", "_con.txt"),
        ("LPT1.pdf", "_LPT1.pdf"),
        ("console.txt", "console.txt"),
        ('a:b|c?d*e<f>g"h.txt', "a_b_c_d_e_f_g_h.txt"),
        ("nul\x00byte.txt", "nulbyte.txt"),
        ("line\r\nbreak.txt", "line break.txt"),
        ("exe\u202egpj.exe", "exegpj.exe"),
        ("x" * 300 + ".pdf", "x" * 109 + ".pdf"),
        ("trailing. ", "trailing"),
        ("half\ud800.txt", "half\ufffd.txt"),
    ],
)
def test_a_name_names_one_file_in_one_folder(name: str, safe: str) -> None:
    assert safe_name(name, otherwise="file") == safe


@pytest.mark.parametrize("kind", ["text", "a/b/c", "", "text/html; x", "TEXT/X\n", "../x"])
def test_what_is_no_type_becomes_plain_bytes(kind: str) -> None:
    assert safe_type(kind) == "application/octet-stream"
    assert safe_type("image/svg+xml") == "image/svg+xml"
