import type { Peer } from '../../dicom/net/open-association.ts';

/** What the command line hands its commands, parsed. */
export type PeerAddress = Peer;

export interface DoctorOptions {
  readonly gpu: boolean;
  readonly peer?: string;
  readonly tls: boolean;
  readonly language: 'en' | 'zh-CN';
  readonly json: boolean;
}

export interface SendOptions {
  readonly to: PeerAddress;
  readonly from: string;
  readonly associations: number;
}

export interface BenchRunOptions {
  readonly out: string;
  readonly json: boolean;
  readonly junit: boolean;
  readonly seed?: number;
  readonly pricePerHour?: number;
  readonly allowLoaded: boolean;
  readonly only?: 'accuracy' | 'speed';
  readonly baseline?: string;
  readonly detections?: string;
}

export interface BenchCompareOptions {
  readonly gate: readonly string[];
  readonly gates?: string;
  readonly bootstraps: number;
  readonly seed: number;
  readonly json: boolean;
}

export interface FindOptions {
  readonly from: string;
  readonly level: 'PATIENT' | 'STUDY' | 'SERIES' | 'IMAGE';
  readonly patientRoot: boolean;
  readonly relational: boolean;
  readonly fuzzy: boolean;
}

export interface RoutesCheckOptions {
  readonly rule?: string;
  readonly limit: number;
}

export interface GetOptions {
  readonly from: string;
  readonly study: string;
  readonly series?: string;
  readonly image?: string;
  readonly out: string;
}
