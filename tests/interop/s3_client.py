"""AWS's official client for Python against the sandbox, with the bucket in the path and in the host."""

import hashlib
import io
import socket
import urllib.error
import urllib.request

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError
from common import check, control, done, refused, reset, same

MIB = 1024 * 1024
reset()
place = control()["s3"]
bucket = place["bucket"]

# `<bucket>.localhost` is not known to every resolver.
_resolve = socket.getaddrinfo
socket.getaddrinfo = lambda host, *rest, **more: _resolve(
    "127.0.0.1" if str(host).endswith(".localhost") else host, *rest, **more
)


def connect(style, secret=None):
    url = place["url"]
    if style == "virtual":
        url = url.replace("127.0.0.1", "localhost")
    return boto3.client(
        "s3",
        endpoint_url=url,
        region_name=place["region"],
        aws_access_key_id=place["access_key"],
        aws_secret_access_key=secret or place["secret_key"],
        config=Config(
            s3={"addressing_style": style},
            signature_version="s3v4",
            retries={"total_max_attempts": 1},
            connect_timeout=10,
            read_timeout=60,
        ),
    )


def fetch(url, method="GET", body=None, headers=None):
    """Requests a link without credentials."""
    request = urllib.request.Request(url, data=body, method=method, headers=headers or {})
    try:
        with urllib.request.urlopen(request) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def code(call, what):
    response = refused(ClientError, call, what).response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"]


def exercise(style):
    s3 = connect(style)
    root = f"interop {style}/ü+&"

    def name(key):
        return {"Bucket": bucket, "Key": f"{root}/{key}"}

    def body(key):
        return s3.get_object(**name(key))["Body"].read()

    # Put, get, head, a range.
    text = b"It was the best of times"
    put = s3.put_object(
        **name("one.txt"), Body=text, ContentType="text/plain", CacheControl="no-cache",
        Metadata={"colour": "blue"},
    )  # fmt: skip
    same(put["ETag"], f'"{hashlib.md5(text).hexdigest()}"', "tag is the digest")
    check(put.get("ChecksumCRC32") or put.get("ChecksumCRC64NVME"), "the client's checksum comes back")
    got = s3.get_object(**name("one.txt"), ChecksumMode="ENABLED")
    same(got["Body"].read(), text, "get")
    same(got["ContentType"], "text/plain", "type")
    same(got["CacheControl"], "no-cache", "cache control")
    same(got["Metadata"], {"colour": "blue"}, "metadata")
    head = s3.head_object(**name("one.txt"))
    same((head["ContentLength"], head["ETag"]), (len(text), put["ETag"]), "head")
    check(head["LastModified"].tzinfo is not None, "time of the last change")
    got = s3.get_object(**name("one.txt"), Range="bytes=7-9")
    same((got["Body"].read(), got["ContentRange"]), (text[7:10], f"bytes 7-9/{len(text)}"), "range")
    same(got["ResponseMetadata"]["HTTPStatusCode"], 206, "range")
    same(s3.get_object(**name("one.txt"), Range="bytes=-5")["Body"].read(), text[-5:], "last bytes")
    same(
        code(lambda: s3.get_object(**name("one.txt"), Range="bytes=900-"), "range beyond the end"),
        (416, "InvalidRange"),
        "range beyond the end",
    )
    s3.put_object(**name("empty"), Body=b"")
    same(body("empty"), b"", "an object without bytes")

    # Missing objects, and missing rights.
    same(code(lambda: s3.get_object(**name("no")), "no object"), (404, "NoSuchKey"), "no object")
    same(code(lambda: s3.head_object(**name("no")), "head"), (404, "404"), "head of no object")
    same(
        code(lambda: s3.list_objects_v2(Bucket="no-such-bucket"), "no bucket"),
        (404, "NoSuchBucket"),
        "no bucket",
    )
    stranger = connect(style, secret="wrong")
    same(
        code(lambda: stranger.get_object(**name("one.txt")), "wrong secret"),
        (403, "SignatureDoesNotMatch"),
        "wrong secret",
    )

    # Conditions.
    guarded = name("guarded")
    same(
        s3.put_object(**guarded, Body=b"1", IfNoneMatch="*")["ResponseMetadata"]["HTTPStatusCode"],
        200,
        "create",
    )
    same(
        code(lambda: s3.put_object(**guarded, Body=b"2", IfNoneMatch="*"), "create twice"),
        (412, "PreconditionFailed"),
        "create twice",
    )
    tag = s3.head_object(**guarded)["ETag"]
    s3.put_object(**guarded, Body=b"3", IfMatch=tag)
    same(
        code(lambda: s3.put_object(**guarded, Body=b"4", IfMatch=tag), "old tag"),
        (412, "PreconditionFailed"),
        "replace with an old tag",
    )
    same(body("guarded"), b"3", "the rejected write changed nothing")
    tag = s3.head_object(**guarded)["ETag"]
    same(
        code(lambda: s3.get_object(**guarded, IfNoneMatch=tag), "not modified")[0], 304, "not modified"
    )
    same(code(lambda: s3.get_object(**guarded, IfMatch='"x"'), "get")[0], 412, "get with another tag")

    # A wrong digest is noticed.
    same(
        code(
            lambda: s3.put_object(**name("bad"), Body=b"x", ContentMD5="1B2M2Y8AsgTpgAmY7PhCfg=="),
            "wrong digest",
        ),
        (400, "BadDigest"),
        "wrong digest",
    )
    same(
        code(
            lambda: s3.put_object(**name("bad"), Body=b"x", ChecksumCRC32="AAAAAA=="), "wrong sum"
        )[0],
        400,
        "wrong checksum",
    )
    same(code(lambda: s3.head_object(**name("bad")), "nothing kept")[0], 404, "nothing was kept")

    # Lists.
    keys = [f"{root}/list/{at:02}" for at in range(7)] + [f"{root}/list/deep/{at}" for at in range(3)]
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    pages = list(
        s3.get_paginator("list_objects_v2").paginate(
            Bucket=bucket, Prefix=f"{root}/list/", PaginationConfig={"PageSize": 4}
        )
    )
    same([len(page["Contents"]) for page in pages], [4, 4, 2], "pages")
    same([o["Key"] for page in pages for o in page["Contents"]], sorted(keys), "keys, in order")
    same(pages[0]["Contents"][0]["Size"], len(keys[0].encode()), "size in the list")
    page = s3.list_objects_v2(Bucket=bucket, Prefix=f"{root}/list/", Delimiter="/")
    same([p["Prefix"] for p in page["CommonPrefixes"]], [f"{root}/list/deep/"], "folders")
    same((len(page["Contents"]), page["KeyCount"]), (7, 8), "folders count")
    page = s3.list_objects_v2(Bucket=bucket, Prefix=f"{root}/list/", StartAfter=f"{root}/list/05")
    same(page["Contents"][0]["Key"], f"{root}/list/06", "start after a key")
    same(
        code(lambda: s3.list_objects(Bucket=bucket), "the old list"),
        (501, "NotImplemented"),
        "the old list is not emulated, and the error says so",
    )

    # Delete.
    response = s3.delete_objects(
        Bucket=bucket, Delete={"Objects": [{"Key": key} for key in keys] + [{"Key": "missing"}]}
    )
    same(len(response["Deleted"]), 11, "delete many; a missing object counts as deleted")
    check(not response.get("Errors"), "delete many without errors")
    page = s3.list_objects_v2(Bucket=bucket, Prefix=f"{root}/list/")
    same(page["KeyCount"], 0, "all gone")
    s3.delete_object(**guarded)
    same(code(lambda: s3.head_object(**guarded), "deleted")[0], 404, "deleted")

    # Copy: with the same metadata, and with other metadata.
    s3.copy_object(**name("two.txt"), CopySource=name("one.txt"))
    head = s3.head_object(**name("two.txt"))
    same((head["Metadata"], head["ETag"]), ({"colour": "blue"}, put["ETag"]), "copy")
    same(body("two.txt"), text, "copy")
    s3.copy_object(
        **name("two.txt"), CopySource=name("one.txt"), MetadataDirective="REPLACE",
        Metadata={"colour": "red"},
    )  # fmt: skip
    same(s3.head_object(**name("two.txt"))["Metadata"], {"colour": "red"}, "copy, other metadata")
    same(
        code(lambda: s3.copy_object(**name("x"), CopySource=name("no")), "copy of nothing"),
        (404, "NoSuchKey"),
        "copy of nothing",
    )

    # Parts, as the client's transfer manager sends them.
    large = bytes(at * 31 % 251 for at in range(MIB)) * 11
    parts = TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB, max_concurrency=3)
    s3.upload_fileobj(
        io.BytesIO(large), bucket, f"{root}/large", Config=parts,
        ExtraArgs={"ContentType": "application/x-large", "Metadata": {"parts": "3"}},
    )  # fmt: skip
    head = s3.head_object(**name("large"))
    same(head["ETag"].strip('"').split("-")[1], "3", "tag of three parts")
    digests = b"".join(
        hashlib.md5(large[at : at + 5 * MIB]).digest() for at in range(0, len(large), 5 * MIB)
    )
    same(head["ETag"], f'"{hashlib.md5(digests).hexdigest()}-3"', "tag of parts, exactly")
    same((head["ContentType"], head["Metadata"]), ("application/x-large", {"parts": "3"}), "parts")
    into = io.BytesIO()
    s3.download_fileobj(bucket, f"{root}/large", into, Config=parts)
    check(into.getvalue() == large, "the ranges add up to the uploaded bytes")
    s3.copy(name("large"), bucket, f"{root}/large copy", Config=parts)
    check(body("large copy") == large, "copied part by part")

    # Parts, by hand.
    def part(upload, number, data):
        response = s3.upload_part(**upload, PartNumber=number, Body=data)
        return {"PartNumber": number, "ETag": response["ETag"]}

    upload = name("by hand") | {"UploadId": s3.create_multipart_upload(**name("by hand"))["UploadId"]}
    first, second = part(upload, 1, b"a" * 5 * MIB), part(upload, 2, b"b" * 5 * MIB)
    same([p["Size"] for p in s3.list_parts(**upload)["Parts"]], [5 * MIB] * 2, "list parts")
    open_uploads = s3.list_multipart_uploads(Bucket=bucket).get("Uploads", [])
    check(upload["UploadId"] in [u["UploadId"] for u in open_uploads], "open uploads")
    same(
        code(
            lambda: s3.complete_multipart_upload(
                **upload, MultipartUpload={"Parts": [second, first]}
            ),
            "wrong order",
        ),
        (400, "InvalidPartOrder"),
        "wrong order",
    )
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [first, second]})
    check(body("by hand") == b"a" * 5 * MIB + b"b" * 5 * MIB, "parts in their order")
    upload = name("small") | {"UploadId": s3.create_multipart_upload(**name("small"))["UploadId"]}
    small = [part(upload, 1, b"a"), part(upload, 2, b"b")]
    same(
        code(
            lambda: s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": small}),
            "a small part",
        ),
        (400, "EntityTooSmall"),
        "a small part",
    )
    s3.abort_multipart_upload(**upload)
    same(
        code(lambda: s3.list_parts(**upload), "aborted"), (404, "NoSuchUpload"), "aborted"
    )

    # Links.
    link = s3.generate_presigned_url("get_object", Params=name("one.txt"), ExpiresIn=60)
    check(link.startswith("http://" + (f"{bucket}." if style == "virtual" else "")), "style of a link")
    same(fetch(link), (200, text), "read by a link")
    same(fetch(link.replace("one.txt", "two.txt"))[0], 403, "a link is for one object")
    same(fetch(link, "PUT", b"x")[0], 403, "a link is for one method")
    link = s3.generate_presigned_url(
        "get_object", Params=name("one.txt") | {"ResponseContentDisposition": "attachment"}
    )
    with urllib.request.urlopen(link) as response:
        same(response.headers["content-disposition"], "attachment", "headers set by a link")
    link = s3.generate_presigned_url(
        "put_object", Params=name("by link") | {"ContentType": "text/csv"}, ExpiresIn=60
    )
    same(fetch(link, "PUT", b"a,b", {"Content-Type": "text/csv"})[0], 200, "write by a link")
    same(fetch(link, "PUT", b"c,d", {"Content-Type": "text/html"})[0], 403, "with another type")
    same(body("by link"), b"a,b", "written by a link")
    same(s3.head_object(**name("by link"))["ContentType"], "text/csv", "type by a link")


for style in ["path", "virtual"]:
    exercise(style)
client = connect("path")
check(bucket in [b["Name"] for b in client.list_buckets()["Buckets"]], "list buckets")
client.create_bucket(Bucket="interop-new")
same(client.head_bucket(Bucket="interop-new")["ResponseMetadata"]["HTTPStatusCode"], 200, "new bucket")
client.delete_bucket(Bucket="interop-new")
same(code(lambda: client.head_bucket(Bucket="interop-new"), "gone")[0], 404, "bucket deleted")
same(
    code(lambda: client.delete_bucket(Bucket=bucket), "bucket with objects"),
    (409, "BucketNotEmpty"),
    "a bucket with objects is not deleted",
)
same(control("/_sandbox/s3/objects") != [], True, "the sandbox shows the objects")

done(f"boto3 {boto3.__version__}", 165)
