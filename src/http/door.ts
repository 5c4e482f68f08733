import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { AuditRoom } from '../audit/audit.ts';
import type { Actor } from '../audit/ports.ts';
import type { CallLog } from '../calls/call-log.ts';
import type { KeptAnswers } from '../calls/kept-answers.ts';
import type { Directory } from '../directory/directory.ts';
import type { LiveDirectory } from '../directory/live.ts';
import type { Administration } from '../gateway/administration.ts';
import type { EventUseCases, WorkosUseCases } from '../gateway/events.ts';
import type { OperatorUseCases } from '../gateway/operators.ts';
import type { ProvisioningUseCases } from '../gateway/provisioning-types.ts';
import type { ProxyUseCases } from '../gateway/proxy.ts';
import type { ReportingUseCases } from '../gateway/reporting.ts';
import type { ScimInUseCases } from '../gateway/scim-in.ts';
import type { SourceUseCases } from '../gateway/sources.ts';
import type {
  ConnectionUseCases,
  IntakeUseCases,
  LinkUseCases,
  SyncUseCases,
  TokenUseCases,
  VaultUseCases,
} from '../gateway/types.ts';
import type { WebhookUseCases } from '../gateway/webhooks.ts';
import type { Metrics } from '../metrics/ports.ts';
import type { Reach } from './reach.ts';

/** The use cases that this door calls. */
export type Gateway = {
  readonly connections: ConnectionUseCases;
  readonly sync: SyncUseCases;
  readonly tokens: TokenUseCases;
  readonly vault: VaultUseCases;
  readonly events: EventUseCases;
  readonly workos: WorkosUseCases;
  readonly intake: IntakeUseCases;
  readonly webhooks: WebhookUseCases;
  readonly links: LinkUseCases;
  readonly proxy: ProxyUseCases;
  readonly reporting: ReportingUseCases;
  readonly scimIn: ScimInUseCases;
  readonly sources: SourceUseCases;
  readonly provisioning: ProvisioningUseCases;
  readonly operators: OperatorUseCases;
  readonly directory: Directory;
  readonly live: LiveDirectory;
  as(actor: Actor): Administration;
  readonly audit: Omit<AuditRoom, 'act' | 'flush'>;
  readonly callLog: Pick<CallLog, 'note' | 'list'>;
  readonly keptAnswers: KeptAnswers;
  readonly metrics: Metrics;
  /** What keeps it from serving, in plain words without secrets; empty when it is ready. */
  whatIsNotReady(): Promise<readonly string[]>;
};

/** What a file of routes is given. */
export type Door = {
  readonly app: FastifyInstance<
    RawServerDefault,
    IncomingMessage,
    ServerResponse<IncomingMessage>,
    FastifyBaseLogger,
    ZodTypeProvider
  >;
  readonly gateway: Gateway;
  readonly reach: Reach;
  /** The use cases bound to who calls: what changes something goes through them, so that it is written down. */
  readonly as: (request: FastifyRequest) => Administration;
  /** Requests without a valid secret, an address and minute. */
  readonly failuresPerMinute: number;
  /** How long `wait=true` holds a call, in ms. */
  readonly waitMs: number;
  readonly now: () => Date;
  /** Address that callers use, when a proxy stands in front; null: the one they asked. */
  readonly publicUrl: string | null;
  /** Aborted when the server begins to close: held calls answer what there is. */
  readonly stopping: AbortSignal;
};

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The call may cost requests to KnowBe4: it is limited sooner. */
    live?: boolean | ((request: FastifyRequest) => boolean);
  }
}
