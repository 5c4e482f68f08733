import { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ForeknowError } from '../../errors/errors.ts';
import type { ReadRecord } from '../../sources/ports.ts';
import { makerOf } from '../actor.ts';
import { tokenOf } from '../authenticate.ts';
import type { Door } from '../door.ts';
import { limitUpTo } from '../schemas/query.ts';
import { source, sourceRead, uploadInput } from '../schemas/sources.ts';
import { toWire } from '../wire.ts';

const tags = ['Sources'];
const scope = 'sync' as const;
const path = '/api/v1/sources';
const byName = z.object({ name: z.string().max(64).describe('Name of the source in the configuration') });
const MOST_BYTES = 64 * 1024 * 1024;
const WORK_MS = 120_000;
const NEEDS = 'Needs a token for all connections.';

/** Places that know who works here. What a read waits for is decided by people, so nothing here accepts one. */
export function sourceRoutes(door: Door): void {
  const { app, gateway } = door;

  app.get(
    path,
    {
      config: { scope },
      schema: {
        operationId: 'listSources',
        summary: 'Sources of people, and how they were read last',
        description: NEEDS,
        tags,
        response: { 200: z.object({ result: z.array(source) }).describe('In the order of the configuration') },
      },
    },
    async (request) => {
      requireAll(request);
      return toWire({ result: await gateway.sources.list() });
    },
  );

  app.get(
    `${path}/:name`,
    {
      config: { scope },
      schema: {
        operationId: 'getSource',
        summary: 'A source, and how it was read last',
        description: NEEDS,
        tags,
        params: byName,
        response: { 200: source.describe('The source') },
      },
    },
    async (request) => {
      requireAll(request);
      return toWire(await gateway.sources.get(request.params.name));
    },
  );

  app.get(
    '/api/v1/source-reads',
    {
      config: { scope },
      schema: {
        operationId: 'listSourceReads',
        summary: 'Reads of sources, the newest first',
        description: NEEDS,
        tags,
        querystring: z.object({
          source: z.string().max(64).optional().describe('Only those of this source'),
          limit: limitUpTo(200, 20),
        }),
        response: { 200: z.object({ result: z.array(sourceRead) }).describe('Reads') },
      },
    },
    async (request) => {
      requireAll(request);
      return toWire({ result: await gateway.sources.reads(request.query.source ?? null, request.query.limit) });
    },
  );

  app.get(
    '/api/v1/source-reads/:id',
    {
      config: { scope },
      schema: {
        operationId: 'getSourceRead',
        summary: 'A read: its proof, how far attributes are filled, what looks wrong',
        description: NEEDS,
        tags,
        params: z.object({ id: z.string().max(100) }),
        response: { 200: sourceRead.describe('The read') },
      },
    },
    async (request) => {
      requireAll(request);
      return toWire(await gateway.sources.getRead(request.params.id));
    },
  );

  addReading(door);
}

function addReading({ app, gateway, as, waitMs, stopping }: Door): void {
  const answers = {
    200: sourceRead.describe('The read as it ended, also when it broke off'),
    202: sourceRead.describe('It takes longer than a call may wait: ask for the read by its id'),
  };
  /** The read, when it ends in time; else how far it has come. */
  const whenDone = async (
    name: string,
    reading: Promise<ReadRecord>,
  ): Promise<{ code: 200 | 202; read: ReadRecord }> => {
    const late = new Promise<null>((resolve) => {
      const timer = setTimeout(() => resolve(null), waitMs);
      reading.finally(() => clearTimeout(timer)).catch(() => undefined);
    });
    const read = await Promise.race([reading, late]);
    if (read !== null) return { code: 200, read };
    reading.catch(() => undefined);
    const [newest] = await gateway.sources.reads(name, 1);
    if (newest === undefined) throw new ForeknowError('not_found', { detail: 'The read has not begun yet.' });
    return { code: 202, read: newest };
  };

  app.post(
    `${path}/:name/read`,
    {
      config: { scope, workMs: WORK_MS },
      schema: {
        operationId: 'readSource',
        summary: 'Read a source now',
        description: `Who it does not show counts as absent only when the read is proven complete. ${NEEDS}`,
        tags,
        params: byName,
        response: answers,
      },
    },
    async (request, reply) => {
      requireAll(request);
      const { name } = request.params;
      const { code, read } = await whenDone(name, as(request).sources.read(name, byOf(request), stopping));
      return reply.code(code).send(toWire(read));
    },
  );

  app.post(
    `${path}/:name/upload`,
    {
      bodyLimit: MOST_BYTES,
      config: { scope, workMs: WORK_MS },
      schema: {
        operationId: 'uploadToSource',
        summary: 'Hand in a file of people',
        description: `The file is read at once; nothing of it is kept but what the settings of the source name. ${NEEDS}`,
        tags,
        params: byName,
        body: uploadInput,
        response: answers,
      },
    },
    async (request, reply) => {
      requireAll(request);
      const { content, encoding, name: file, rows, sha256 } = request.body;
      const upload = { content: Readable.from([Buffer.from(content, encoding)]), name: file, rows, sha256 };
      const { name } = request.params;
      const { code, read } = await whenDone(name, as(request).sources.upload(name, upload, byOf(request), stopping));
      return reply.code(code).send(toWire(read));
    },
  );

  app.delete(
    `${path}/:name/people/:id`,
    {
      config: { scope: 'connections' },
      schema: {
        operationId: 'eraseSourcePerson',
        summary: 'Erase what a source said of a person, and keep them out of later reads',
        description: NEEDS,
        tags,
        params: byName.extend({ id: z.string().max(500).describe('Their id in the source') }),
        response: { 200: z.object({ was_known: z.boolean() }).describe('Erased') },
      },
    },
    async (request) => {
      requireAll(request);
      const { name, id } = request.params;
      return toWire({ wasKnown: await as(request).sources.erasePerson(name, id) });
    },
  );

  app.post(
    `${path}/:name/people/:id/readmit`,
    {
      config: { scope: 'connections' },
      schema: {
        operationId: 'readmitSourcePerson',
        summary: 'Let somebody in again who was erased',
        description: `The next read that shows them brings them back; whom a provider pushes it has to push anew. ${NEEDS}`,
        tags,
        params: byName.extend({
          id: z
            .string()
            .max(500)
            .describe('Their id in the source; the provider’s id or the address where they are pushed'),
        }),
        response: { 200: z.object({ readmitted: z.boolean() }).describe('False when they were not kept out') },
      },
    },
    async (request) => {
      requireAll(request);
      const { name, id } = request.params;
      return toWire({ readmitted: await as(request).sources.readmitPerson(name, id) });
    },
  );

  app.delete(
    `${path}/:name`,
    {
      config: { scope: 'connections' },
      schema: {
        operationId: 'forgetSource',
        summary: 'Forget everything that a source said',
        description: `Whom it has shown is then neither there nor absent. ${NEEDS}`,
        tags,
        params: byName,
        response: { 200: z.object({ people: z.int() }).describe('How many people were forgotten') },
      },
    },
    async (request) => {
      requireAll(request);
      return toWire({ people: await as(request).sources.forget(request.params.name) });
    },
  );
}

/** A command beside the server has a token that is nobody's. */
const byOf = (request: FastifyRequest): string =>
  makerOf(request) === null ? 'command line' : `token ${tokenOf(request).name}`;

/** Sources are of no connection: they say who works for the operator's clients. */
export function requireAll(request: FastifyRequest): void {
  const { connections, tags: bound } = tokenOf(request);
  if (connections === null && bound === null) return;
  throw new ForeknowError('connection_not_allowed', {
    detail: 'The token is bound to connections, and sources are those of the whole server.',
    hint: 'Use a token that reaches all connections.',
  });
}
