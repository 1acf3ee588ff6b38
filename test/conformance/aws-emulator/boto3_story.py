"""The arrangement this product lives on, told with boto3. Prints one JSON object; the test judges it."""

import json
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

given = json.load(sys.stdin)
url, operator, customer = given["url"], given["operator"], given["customer"]
config = Config(retries={"max_attempts": 0}, connect_timeout=5, read_timeout=10)


def client(service, who, token=None):
    return boto3.client(
        service,
        region_name="eu-central-1",
        endpoint_url=url,
        aws_access_key_id=who["accessKeyId"],
        aws_secret_access_key=who["secretAccessKey"],
        aws_session_token=token,
        config=config,
    )


def code(call):
    try:
        call()
    except ClientError as error:
        return [error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]]
    return ["ok", 200]


def policy(**statement):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


operator_iam = client("iam", operator["admin"])
operator_iam.create_user(UserName="worker")
operator_iam.put_user_policy(
    UserName="worker", PolicyName="assume", PolicyDocument=policy(Action="sts:AssumeRole", Resource="*")
)
made = operator_iam.create_access_key(UserName="worker")["AccessKey"]
worker = {"accessKeyId": made["AccessKeyId"], "secretAccessKey": made["SecretAccessKey"]}

customer_iam = client("iam", customer["admin"])
trust = policy(
    Action="sts:AssumeRole",
    Principal={"AWS": f"arn:aws:iam::{operator['accountId']}:user/worker"},
    Condition={"StringEquals": {"sts:ExternalId": "ours"}},
)
role = customer_iam.create_role(RoleName="smsk", AssumeRolePolicyDocument=trust)["Role"]
kms = client("kms", customer["admin"])
key = kms.create_key(Description="workspace root")["KeyMetadata"]
customer_iam.put_role_policy(
    RoleName="smsk",
    PolicyName="use",
    PolicyDocument=policy(Action=["kms:Encrypt", "kms:Decrypt"], Resource=key["Arn"]),
)

sts = client("sts", worker)
without = code(lambda: sts.assume_role(RoleArn=role["Arn"], RoleSessionName="w1"))
credentials = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="w1", ExternalId="ours", DurationSeconds=900)[
    "Credentials"
]
session = {"accessKeyId": credentials["AccessKeyId"], "secretAccessKey": credentials["SecretAccessKey"]}
session_kms = client("kms", session, credentials["SessionToken"])
context = {"smsk:org": "acme"}
sealed = session_kms.encrypt(KeyId=key["Arn"], Plaintext=b"secret", EncryptionContext=context)
opened = session_kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"], KeyId=key["Arn"], EncryptionContext=context)


def decrypt():
    return session_kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"], EncryptionContext=context)


kms.disable_key(KeyId=key["KeyId"])
disabled = code(decrypt)
kms.enable_key(KeyId=key["KeyId"])
enabled = code(decrypt)
kms.create_alias(AliasName="alias/root", TargetKeyId=key["KeyId"])
kms.rotate_key_on_demand(KeyId=key["KeyId"])
rotations = kms.list_key_rotations(KeyId=key["KeyId"], IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]
pages = [page for page in kms.get_paginator("list_aliases").paginate()]

print(
    json.dumps(
        {
            "caller": client("sts", session, credentials["SessionToken"]).get_caller_identity()["Arn"],
            "trust": role["AssumeRolePolicyDocument"]["Statement"][0]["Condition"],
            "withoutExternalId": without,
            "opened": opened["Plaintext"].decode(),
            "openedBy": opened["KeyId"],
            "disabled": disabled,
            "enabled": enabled,
            "notOurs": code(lambda: session_kms.describe_key(KeyId=key["Arn"])),
            "wrongContext": code(lambda: session_kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"])),
            "rotations": [r["KeyMaterialState"] for r in rotations],
            "aliases": [a["AliasName"] for page in pages for a in page["Aliases"]],
            "wrongSecret": code(
                client("kms", {**session, "secretAccessKey": "no"}, credentials["SessionToken"]).list_keys
            ),
        }
    )
)
