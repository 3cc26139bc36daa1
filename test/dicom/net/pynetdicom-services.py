"""Services of pynetdicom that its own programs do not have: commitment in both roles, performed steps, notifications.

Each command prints one line of JSON with what happened.
"""
import json
import sys
import threading

from pydicom.dataset import Dataset
from pynetdicom import AE, evt
from pynetdicom.sop_class import (
    InstanceAvailabilityNotification,
    ModalityPerformedProcedureStep,
    StorageCommitmentPushModel,
)

WELL_KNOWN = '1.2.840.10008.1.20.1.1'
command, given = sys.argv[1], json.loads(sys.argv[2])


def item(**attributes):
    dataset = Dataset()
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    return dataset


def reference(pair):
    return item(ReferencedSOPClassUID=pair[0], ReferencedSOPInstanceUID=pair[1])


def requested(transaction, pairs):
    return item(TransactionUID=transaction, ReferencedSOPSequence=[reference(pair) for pair in pairs])


def heard_of(event):
    report = event.event_information
    return {
        'event': event.event_type,
        'transaction': report.TransactionUID,
        'committed': [each.ReferencedSOPInstanceUID for each in report.get('ReferencedSOPSequence', [])],
        'failed': [[each.ReferencedSOPInstanceUID, each.FailureReason] for each in report.get('FailedSOPSequence', [])],
        'roles': [[context.as_scu, context.as_scp] for context in event.assoc.accepted_contexts],
    }


def associate(ae, handlers=()):
    association = ae.associate('127.0.0.1', given['port'], ae_title='OVERREAD', evt_handlers=list(handlers))
    if not association.is_established:
        sys.exit('no association')
    return association


def ask():
    """SCU of commitment: waits on the association of the request, or releases it and listens on a port of its own."""
    heard, done = [], threading.Event()

    def report(event):
        heard.append(heard_of(event))
        done.set()
        return 0x0000, None

    handlers = [(evt.EVT_N_EVENT_REPORT, report)]
    listener = None
    if 'listen' in given:
        acceptor = AE(given['title'])
        acceptor.add_supported_context(StorageCommitmentPushModel, scu_role=False, scp_role=True)
        listener = acceptor.start_server(('127.0.0.1', given['listen']), block=False, evt_handlers=handlers)
    ae = AE(given['title'])
    ae.add_requested_context(StorageCommitmentPushModel)
    association = associate(ae, handlers)
    status, _ = association.send_n_action(
        requested(given['transaction'], given['references']), 1, StorageCommitmentPushModel, WELL_KNOWN
    )
    if listener is not None:
        association.release()
        print(json.dumps({'status': status.Status}), flush=True)
    done.wait(60)
    if listener is None:
        association.release()
    else:
        listener.shutdown()
    print(json.dumps({'status': status.Status, 'heard': heard}))


def serve():
    """SCP of commitment: reports on the association of the request, or on one of its own; fails what it is told to."""

    def report(information, association):
        failed = [each for each in information.ReferencedSOPSequence if each.ReferencedSOPInstanceUID in given['fail']]
        kept = [each for each in information.ReferencedSOPSequence if each not in failed]
        answer = item(TransactionUID=information.TransactionUID)
        if kept:
            answer.ReferencedSOPSequence = kept
        if failed:
            for each in failed:
                each.FailureReason = 0x0112
            answer.FailedSOPSequence = failed
        status, _ = association.send_n_event_report(
            answer, 2 if failed else 1, StorageCommitmentPushModel, WELL_KNOWN
        )
        print(json.dumps({'reported': status.Status}), flush=True)

    def later(information):
        from pynetdicom import build_role

        ae = AE(given['title'])
        ae.add_requested_context(StorageCommitmentPushModel)
        role = build_role(StorageCommitmentPushModel, scp_role=True)
        association = ae.associate('127.0.0.1', given['port'], ae_title='OVERREAD', ext_neg=[role])
        report(information, association)
        association.release()

    def action(event):
        information = event.action_information
        if given['same']:
            threading.Timer(0.2, report, (information, event.assoc)).start()
        else:
            threading.Timer(0.2, later, (information,)).start()
        return 0x0000, None

    ae = AE(given['title'])
    ae.add_supported_context(StorageCommitmentPushModel)
    ae.start_server(
        ('127.0.0.1', given['listen']), block=False, evt_handlers=[(evt.EVT_N_ACTION, action)]
    )
    print(json.dumps({'ready': True}), flush=True)
    sys.stdin.read()


def step():
    """SCU of MPPS: N-CREATE and N-SETs as given; the statuses in order."""
    ae = AE(given['title'])
    ae.add_requested_context(ModalityPerformedProcedureStep)
    association = associate(ae)
    statuses = []
    for message in given['messages']:
        dataset = Dataset.from_json(message['dataset'])
        send = association.send_n_create if message['is'] == 'create' else association.send_n_set
        status, _ = send(dataset, ModalityPerformedProcedureStep, message['uid'])
        statuses.append([status.Status, status.get('ErrorID', 0)])
    association.release()
    print(json.dumps({'statuses': statuses}))


def notify():
    """SCU of Instance Availability Notification."""
    ae = AE(given['title'])
    ae.add_requested_context(InstanceAvailabilityNotification)
    association = associate(ae)
    status, _ = association.send_n_create(
        Dataset.from_json(given['dataset']), InstanceAvailabilityNotification, given['uid']
    )
    association.release()
    print(json.dumps({'status': status.Status}))


{'ask': ask, 'serve': serve, 'step': step, 'notify': notify}[command]()
