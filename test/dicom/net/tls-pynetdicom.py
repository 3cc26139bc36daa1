"""cert key ca, then `send VERSION PORT FILE` or `serve VERSION PORT`: pynetdicom by mutual TLS, as REMOTE."""

import ssl
import sys

from pydicom import dcmread
from pynetdicom import AE, ALL_TRANSFER_SYNTAXES, StoragePresentationContexts, evt
from pynetdicom.sop_class import Verification

cert, key, ca, what, version, port = sys.argv[1:7]
VERSION = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}[version]


def context(purpose):
    made = ssl.create_default_context(purpose, cafile=ca)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_REQUIRED
    made.minimum_version = made.maximum_version = VERSION
    made.load_cert_chain(cert, key)
    return made


ae = AE(ae_title="REMOTE")
if what == "send":
    dataset = dcmread(sys.argv[7])
    ae.add_requested_context(dataset.SOPClassUID, dataset.file_meta.TransferSyntaxUID)
    tls = (context(ssl.Purpose.SERVER_AUTH), None)
    association = ae.associate("127.0.0.1", int(port), ae_title="OVERREAD", tls_args=tls)
    spoken = association.dul.socket.socket.version()
    status = association.send_c_store(dataset).Status
    association.release()
    print(f"{spoken} status {status:04X}")
else:
    ae.add_supported_context(Verification)
    for each in StoragePresentationContexts:
        ae.add_supported_context(each.abstract_syntax, ALL_TRANSFER_SYNTAXES)
    handlers = [(evt.EVT_C_STORE, lambda event: 0x0000)]
    ae.start_server(("127.0.0.1", int(port)), evt_handlers=handlers, ssl_context=context(ssl.Purpose.CLIENT_AUTH))
