"""Turns on moto's access control and prints the keys of a user with access to S3."""

import json
import os
import urllib.request

import boto3

endpoint = os.environ["ANYVENDOR_S3_INTEROP"]
iam = boto3.client(
    "iam",
    endpoint_url=endpoint,
    region_name="us-east-1",
    aws_access_key_id="any",
    aws_secret_access_key="any",
)
iam.create_user(UserName="interop")
rule = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
iam.put_user_policy(
    UserName="interop",
    PolicyName="storage",
    PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [rule]}),
)
key = iam.create_access_key(UserName="interop")["AccessKey"]
# The body is the number of calls that moto still accepts unchecked.
request = urllib.request.Request(
    endpoint + "/moto-api/reset-auth",
    data=b"0",
    headers={"Content-Type": "text/plain"},
    method="POST",
)
urllib.request.urlopen(request).close()
print(key["AccessKeyId"], key["SecretAccessKey"])
