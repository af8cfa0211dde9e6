"""Multipart forms are taken apart as they were put together, and nothing else passes for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.web.multipart import MOST_PARTS, Part, boundary_of, take_apart
from routing.errors import Malformed

CHROME = (
    "------WebKitFormBoundaryAb12\r\n"
    'Content-Disposition: form-data; name="message"\r\n\r\n'
    "予約\r\n--\r\n------WebKitFormBoundary\r\n"
    "------WebKitFormBoundaryAb12\r\n"
    'Content-Disposition: form-data; name="files"; filename="写真 %221%22.jpg"\r\n'
    "Content-Type: image/jpeg\r\n\r\n"
    "\xff\xd8\r\n"
    "------WebKitFormBoundaryAb12\r\n"
    'Content-Disposition: form-data; name="files"; filename=""\r\n'
    "Content-Type: application/octet-stream\r\n\r\n\r\n"
    "------WebKitFormBoundaryAb12--\r\n"
)


def one(head: str, content: str = "x") -> list[Part]:
    return take_apart(f"--b\r\n{head}\r\n\r\n{content}\r\n--b--\r\n".encode(), b"b")


def test_a_form_of_a_browser_is_read_as_it_was_filled_in() -> None:
    assert take_apart(CHROME.encode(), b"----WebKitFormBoundaryAb12") == [
        Part("message", None, "予約\r\n--\r\n------WebKitFormBoundary".encode()),
        Part("files", '写真 "1".jpg', "\xff\xd8".encode()),
        Part("files", "", b""),
    ]


@pytest.mark.parametrize(
    ("head", "part"),
    [
        ('content-disposition:form-data;name="a"', ("a", None)),
        ("Content-Disposition: form-data; name=a; filename=b.txt", ("a", "b.txt")),
        ('Content-Disposition: form-data; filename="b.txt"; name="a"', ("a", "b.txt")),
        ('Content-Disposition: form-data; name="a"; filename="x"; filename*=UTF-8\'\'%E5%86%99.jpg', ("a", "写.jpg")),
        ('Content-Disposition: form-data; name="a"; filename="C:\\\\x\\"y.txt"', ("a", 'C:\\\\x"y.txt')),
        ('X: y\r\nContent-Disposition: form-data; name="a"\r\nZ: w', ("a", None)),
    ],
)
def test_programs_write_heads_in_their_own_ways(head: str, part: tuple[str, str | None]) -> None:
    [found] = one(head)
    assert (found.name, found.file_name) == part


@pytest.mark.parametrize(
    "head",
    [
        "",
        "Content-Type: text/plain",
        "Content-Disposition: form-data",
        'Content-Disposition: attachment; name="a"',
        'Content-Disposition: form-data; xname="a"',
        'Content-Disposition: form-data; name="a',
        f'Content-Disposition: form-data; name="{"a" * 20_000}"',
    ],
)
def test_a_field_without_a_name_is_none(head: str) -> None:
    with pytest.raises(Malformed):
        one(head)


@pytest.mark.parametrize("body", [b"", b"x", b"--b", b"--b\r\n", b"--b\r\nx: y\r\n\r\nz", b"--c--\r\n", b"--bb--\r\n"])
def test_a_form_without_its_end_is_none(body: bytes) -> None:
    with pytest.raises(Malformed):
        take_apart(body, b"b")


def test_a_form_has_only_so_many_fields() -> None:
    field = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n'
    assert len(take_apart(field * MOST_PARTS + b"--b--", b"b")) == MOST_PARTS
    with pytest.raises(Malformed):
        take_apart(field * (MOST_PARTS + 1) + b"--b--", b"b")
    with pytest.raises(Malformed):
        take_apart(field * 100_000, b"b")


@given(st.lists(st.tuples(st.sampled_from(["a", "b"]), st.binary().filter(lambda one: b"--QQ" not in one))))
def test_what_was_put_together_comes_apart_the_same(fields: list[tuple[str, bytes]]) -> None:
    body = b"".join(
        f'--QQ\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + content + b"\r\n"
        for name, content in fields
    )
    assert [(part.name, part.content) for part in take_apart(body + b"--QQ--\r\n", b"QQ")] == fields


@given(
    st.lists(st.sampled_from([b"--b", b"\r\n", b"--", b": ", b'Content-Disposition: form-data; name="', b'"', b"\xff"]))
)
def test_no_bytes_make_it_stumble(pieces: list[bytes]) -> None:
    try:
        take_apart(b"".join(pieces), b"b")
    except Malformed:
        return


@pytest.mark.parametrize(
    ("content_type", "boundary"),
    [
        ("multipart/form-data; boundary=abc", b"abc"),
        ('multipart/form-data; charset=utf-8; Boundary="a b:c"', b"a b:c"),
        ("multipart/form-data", None),
        ("multipart/form-data; boundary=", None),
        ("multipart/form-data; boundary=é", None),
        (f"multipart/form-data; boundary={'x' * 71}", None),
    ],
)
def test_the_boundary_is_the_one_that_was_declared(content_type: str, boundary: bytes | None) -> None:
    if boundary is not None:
        assert boundary_of(content_type) == boundary
        return
    with pytest.raises(Malformed):
        boundary_of(content_type)
