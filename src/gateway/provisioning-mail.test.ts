import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { fileOf, type ProvisioningLab, priya, provisioningLab } from './provisioning-lab.contract.ts';

/* What people are told by mail: that a plan waits, and that a source looks wrong. Neither names anybody. */

let lab: ProvisioningLab;
let smtp: SMTPServer;
let mails: string[];
/** The mail server is there and takes nothing. */
let isRefusing: boolean;
beforeEach(async () => {
  mails = [];
  isRefusing = false;
  smtp = new SMTPServer({
    ...{ authOptional: true, disabledCommands: ['STARTTLS'] },
    onData: async (stream, _session, done) => {
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk as Buffer);
      if (isRefusing) return done(new Error('not now'));
      mails.push(Buffer.concat(chunks).toString('utf8').replace(/=\r\n/g, ''));
      done();
    },
  });
  await new Promise<void>((listening) => void smtp.listen(0, '127.0.0.1', listening));
  const { port } = smtp.server.address() as AddressInfo;
  lab = await provisioningLab({
    options: {
      notify: { mail: ['it@example.com'], smtp: { host: '127.0.0.1', port, from: 'foreknow@example.com' } },
      links: { publicUrl: 'https://foreknow.example.com/' },
    },
  });
});
afterEach(async () => {
  await lab.close();
  await new Promise<void>((closed) => void smtp.close(closed));
});

test('a plan that waits is told once, with where to decide and without a name', async () => {
  await lab.gateway.provisioning.setMode('acme', 'propose');
  const rows = lab.everybody();
  await lab.hand(rows);
  const plan = await lab.gateway.provisioning.build('acme', { kind: 'adoption' }, 'test');
  await lab.gateway.provisioning.build('acme', { kind: 'adoption' }, 'test');
  expect(mails).toHaveLength(1);
  expect(mails[0]).toContain(`Subject: Foreknow: plan ${plan.id} for acme waits for`);
  expect(mails[0]).toContain(`https://foreknow.example.com/plans/${plan.id}`);
  expect(mails[0]).toContain(`  ${plan.counts.claim} taken over as they are`);
  for (const { email, last_name: name } of rows) {
    expect(mails[0]).not.toContain(email);
    expect(mails[0]).not.toContain(name);
  }
});

test('a mail that did not go out goes out after a restart, unless the plan was decided meanwhile', async () => {
  isRefusing = true;
  await lab.gateway.provisioning.setMode('acme', 'propose');
  const rows = lab.everybody();
  await lab.hand(rows);
  const adoption = await lab.gateway.provisioning.build('acme', { kind: 'adoption' }, 'test');
  await lab.gateway.provisioning.reject(adoption.id, 'Not yet', priya);
  const again = await lab.gateway.provisioning.build('acme', { kind: 'adoption' }, 'test');
  expect(again.id).not.toBe(adoption.id);
  expect(mails).toEqual([]);
  isRefusing = false;
  await lab.reopen();
  lab.gateway.startWork({ scheduled: false });
  await vi.waitFor(() => expect(mails).toHaveLength(1), { timeout: 10_000 });
  // The older one was looked at first.
  expect(mails[0]).toContain(`Subject: Foreknow: plan ${again.id} for acme waits for`);
});

test('a source that begins to look wrong is told once', async () => {
  const rows = lab.everybody();
  await lab.hand(rows);
  const few = (count: number) => lab.deliver(fileOf(rows.slice(0, count)));
  expect(await few(20)).toMatchObject({ state: 'quarantined' });
  await few(19);
  expect(mails).toHaveLength(1);
  expect(mails[0]).toContain('the source hr looks wrong and waits for two people');
  expect(mails[0]).not.toContain(rows[0]!.email);
});
