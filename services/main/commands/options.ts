/** What the command line hands its commands, parsed. */
export interface PeerAddress {
  readonly AETitle: string;
  readonly host: string;
  readonly port: number;
}

export interface SendOptions {
  readonly to: PeerAddress;
  readonly from: string;
  readonly associations: number;
}
