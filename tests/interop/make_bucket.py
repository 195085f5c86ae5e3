"""Makes the bucket for `crates/adapter-s3/tests/interop.rs` on the server that the environment variables name."""

import os

import boto3

NAMES = ["", "_BUCKET", "_REGION", "_ACCESS_KEY", "_SECRET_KEY"]
endpoint, bucket, region, access_key, secret_key = (
    os.environ["ANYVENDOR_S3_INTEROP" + name] for name in NAMES
)
boto3.client(
    "s3",
    endpoint_url=endpoint,
    region_name=region,
    aws_access_key_id=access_key,
    aws_secret_access_key=secret_key,
).create_bucket(Bucket=bucket)
