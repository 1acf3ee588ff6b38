"""The arrangement this product lives on, told with Azure's Python SDK. Prints one JSON object; the test judges it."""

import json
import logging
import socket
import sys

from azure.core.exceptions import ClientAuthenticationError, HttpResponseError
from azure.identity import CertificateCredential, ClientAssertionCredential, ClientSecretCredential
from azure.keyvault.keys import KeyClient
from azure.keyvault.keys.crypto import CryptographyClient, KeyWrapAlgorithm

logging.disable(logging.CRITICAL)
given = json.load(sys.stdin)
customer, app, vault = given["customer"], given["app"], given["vault"]

# The only thing that's changed: where the clouds' names lead to. TLS and names are checked as ever.
resolve = socket.getaddrinfo


def to_emulator(host, port, *rest, **more):
    return resolve("127.0.0.1", given["port"] if port == 443 else port, *rest, **more)


socket.getaddrinfo = to_emulator
common = {"connection_verify": given["caFile"], "retry_total": 0}


def outcome(call):
    try:
        call()
    except HttpResponseError as error:
        if isinstance(error, ClientAuthenticationError):
            return [type(error).__name__, error.message]
        inner = error.error.innererror if error.error is not None else None
        return [error.status_code, inner["code"] if inner else (error.error.code if error.error else None)]
    return [200, None]


admin = ClientSecretCredential(
    customer["tenantId"], customer["admin"]["clientId"], customer["admin"]["clientSecret"], **common
)
keys = KeyClient(vault["vaultUri"], admin, **common)
key = keys.get_key("root")

certificate = CertificateCredential(
    customer["tenantId"], app["appId"], certificate_data=given["certificate"].encode(), **common
)
federated = ClientAssertionCredential(customer["tenantId"], app["appId"], lambda: given["assertion"], **common)


def crypto(credential, key_id=key.id):
    return CryptographyClient(key_id, credential, **common)


plain = bytes(range(32))
# With nothing but wrap and unwrap it may not read the key; it then leaves everything to the service.
wrapped = crypto(certificate).wrap_key(KeyWrapAlgorithm.rsa_oaep_256, plain)
opened = crypto(federated).unwrap_key(KeyWrapAlgorithm.rsa_oaep_256, wrapped.encrypted_key)
told = {
    "opened": opened.key == plain,
    "kid": opened.key_id == key.id,
    "mayRead": outcome(lambda: KeyClient(vault["vaultUri"], certificate, **common).get_key("root")),
}

keys.update_key_properties("root", enabled=False)
told["disabled"] = outcome(lambda: crypto(certificate).unwrap_key(KeyWrapAlgorithm.rsa_oaep_256, wrapped.encrypted_key))
keys.update_key_properties("root", enabled=True)

rotated = keys.rotate_key("root")
told["rotated"] = rotated.id != key.id
told["versions"] = len(list(keys.list_properties_of_key_versions("root")))
told["old"] = outcome(lambda: crypto(certificate).unwrap_key(KeyWrapAlgorithm.rsa_oaep_256, wrapped.encrypted_key))

keys.begin_delete_key("root").wait()
told["deleted"] = outcome(lambda: crypto(certificate).unwrap_key(KeyWrapAlgorithm.rsa_oaep_256, wrapped.encrypted_key))
told["listed"] = [k.name for k in keys.list_deleted_keys()]
keys.begin_recover_deleted_key("root").wait()
told["recovered"] = outcome(
    lambda: crypto(certificate).unwrap_key(KeyWrapAlgorithm.rsa_oaep_256, wrapped.encrypted_key)
)

wrong = ClientSecretCredential(customer["tenantId"], customer["admin"]["clientId"], "guessed", **common)
refused = outcome(lambda: wrong.get_token("https://vault.azure.net/.default"))
told["wrongSecret"] = [refused[0], "AADSTS7000215" in refused[1]]
stranger = ClientSecretCredential(given["stranger"], app["appId"], "x", **common)
refused = outcome(lambda: stranger.get_token("https://vault.azure.net/.default"))
told["notInstalled"] = [refused[0], "AADSTS700016" in refused[1]]

print(json.dumps(told))
