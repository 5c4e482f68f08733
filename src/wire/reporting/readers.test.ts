import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Read, RecordStream } from '../records.ts';
import { readGroup, readRiskPoint, readUser } from './directory.ts';
import { readPhishingCampaign, readRecipient, readSecurityTest } from './phishing.ts';
import { type BadRow, type Coercions, isBadRow, type RowReader } from './read.ts';
import { recordReaders } from './record-readers.ts';
import { readEnrollment, readPolicy, readStorePurchase, readTrainingCampaign } from './training.ts';

/** The record and raw object of a row that must be readable. */
function good<R>(row: Read<R> | BadRow): { record: R; raw: Record<string, unknown> } {
  if (isBadRow(row)) throw new Error(`bad row: ${row.bad}`);
  return row as { record: R; raw: Record<string, unknown> };
}

const idKeys: Record<RecordStream, Record<string, unknown>> = {
  account: { name: 'Example Foods' },
  users: { id: 1 },
  groups: { id: 1 },
  phishing_campaigns: { campaign_id: 1 },
  security_tests: { pst_id: 1 },
  recipients: { recipient_id: 1, pst_id: 2 },
  training_campaigns: { campaign_id: 1 },
  enrollments: { enrollment_id: 1 },
  store_purchases: { store_purchase_id: 1 },
  policies: { policy_id: 1 },
};
const readers: Record<RecordStream, RowReader<object>> = recordReaders;
const streams = Object.keys(idKeys) as RecordStream[];

describe('every reader', () => {
  test('needs the id alone, and gives null or an empty list for all the rest', () => {
    for (const stream of streams) {
      const coercions: Coercions = new Map();
      const { record } = good<object>(readers[stream](idKeys[stream], { coercions }));
      expect(coercions.size).toBe(0);
      for (const [field, value] of Object.entries(record)) {
        if (['id', 'testId', 'campaignType', 'counts'].includes(field) || stream === 'account') continue;
        expect([stream, field, value === null || (Array.isArray(value) && value.length === 0)]).toEqual([
          stream,
          field,
          true,
        ]);
      }
    }
  });

  test('never throws, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...streams),
        fc.anything(),
        fc.dictionary(fc.string(), fc.jsonValue()),
        (s, any, keys) => {
          readers[s](any);
          readers[s]({ ...keys, ...idKeys[s] });
        },
      ),
    );
  });

  test('survives any JSON in any of its own keys', () => {
    const keys = ['groups', 'user', 'content', 'modules', 'psts', 'template', 'landing_page', 'categories', 'aliases'];
    const more = [
      'admins',
      'domains',
      'joined_on',
      'custom_date_1',
      'status',
      'current_risk_score',
      'difficulty_filter',
    ];
    const row = fc.record(Object.fromEntries([...keys, ...more].map((key) => [key, fc.jsonValue()])));
    fc.assert(
      fc.property(fc.constantFrom(...streams), row, (stream, values) => {
        expect(isBadRow(readers[stream]({ ...values, ...idKeys[stream] }))).toBe(false);
      }),
    );
  });

  test('reports rows that are no object or have no id', () => {
    for (const stream of streams) {
      for (const raw of [null, 'x', 7, [], [{ id: 1 }]])
        expect(readers[stream](raw)).toMatchObject({ bad: 'not_an_object' });
      expect(isBadRow(readers[stream]({}))).toBe(true);
      expect(isBadRow(readers[stream]({ id: null, campaign_id: {}, pst_id: 1.5, policy_id: '' }))).toBe(true);
    }
  });

  test('reads its own raw object again to the same record', () => {
    const olds = { adi_guid: 'g', adi_manageable: true, 'landing-page': { id: 0 }, modules: [[{ policy_id: 3 }]] };
    for (const stream of streams) {
      const once = good<object>(readers[stream]({ ...olds, ...idKeys[stream] }, { campaignType: 'callback' }));
      const again = good<object>(readers[stream](once.raw, { campaignType: 'callback' }));
      expect(again).toEqual(once);
    }
  });

  test('keeps unknown keys in the raw object', () => {
    for (const stream of streams) {
      expect(good<object>(readers[stream]({ ...idKeys[stream], brand_new: [1] })).raw.brand_new).toEqual([1]);
    }
  });
});

test.each(['2026-03-02T09:15:00', '2026-03-02 09:15', '2026-03-02T10:15:00+01:00', '2026-03-02 09:15:00 UTC'])(
  'the time %s is the same everywhere: without a zone it is UTC, whatever the zone of the machine',
  (text) => {
    const zone = process.env.TZ;
    try {
      for (const place of ['America/New_York', 'Asia/Kolkata', 'UTC']) {
        process.env.TZ = place;
        expect(good(readUser({ id: 1, joined_on: text })).record.joinedOn).toBe('2026-03-02T09:15:00.000Z');
      }
    } finally {
      if (zone === undefined) delete process.env.TZ;
      else process.env.TZ = zone;
    }
  },
);

describe('old spellings', () => {
  test('of people and groups are renamed, and a modern key beside an old one wins', () => {
    const old = good(readUser({ id: '33626551', adi_manageable: true, adi_guid: 'guid-1' }));
    expect(old.record).toMatchObject({ id: '33626551', provisioningManaged: true, provisioningGuid: 'guid-1' });
    expect(old.raw).toEqual({ id: '33626551', provisioning_managed: true, provisioning_guid: 'guid-1' });
    expect(good(readUser({ id: 1, adi_guid: 'old', provisioning_guid: null })).record.provisioningGuid).toBeNull();
    const group = good(readGroup({ id: 1, group_type: 'adi_managed_group', adi_guid: 'g' }));
    expect(group.raw).toEqual({ id: 1, group_type: 'provisioning_managed_group', provisioning_guid: 'g' });
    expect(group.record.groupType).toBe('provisioning_managed_group');
  });

  test('of tests, recipients, purchases and campaigns are renamed', () => {
    const page = { id: 0, name: 'Default' };
    expect(good(readSecurityTest({ pst_id: 1, 'landing-page': page })).record.landingPage).toEqual({
      id: '0',
      name: 'Default',
    });
    const at = '2026-03-02T09:15:00.000Z';
    const recipient = good(
      readRecipient({ recipient_id: 1, pst_id: 2, qr_code_scanned_at: at, user: { active_directory_guid: 'g' } }),
    );
    expect(recipient.record).toMatchObject({ qrCodeScannedAt: at, failedAt: at, user: { provisioningGuid: 'g' } });
    expect(recipient.raw).toEqual({
      recipient_id: 1,
      pst_id: 2,
      qr_code_scanned: at,
      user: { provisioning_guid: 'g' },
    });
    expect(good(readStorePurchase({ store_purchased_id: 7301 })).record.id).toBe('7301');
    expect(good(readEnrollment({ enrollment_id: 1, store_purchased_id: 7301 })).record.storePurchaseId).toBe('7301');
    const campaign = {
      campaign_id: 1,
      modules: [[{ store_purchased_id: 5, name: 'A', duration: 3 }, { policy_id: 6 }], [{ name: '?' }]],
    };
    const read = good(readTrainingCampaign(campaign));
    expect(read.record.content).toEqual([
      { kind: 'store_purchase', id: '5', name: 'A', durationMinutes: 3 },
      { kind: 'policy', id: '6', name: null, durationMinutes: null },
      { kind: 'unknown', id: null, name: '?', durationMinutes: null },
    ]);
    expect(read.raw.content).toEqual([
      { store_purchase_id: 5, name: 'A', duration: 3 },
      { policy_id: 6 },
      { name: '?' },
    ]);
    expect(
      Object.keys(good(readTrainingCampaign({ campaign_id: 1, content: [{ policy_id: 1 }], modules: [] })).raw),
    ).toEqual(['campaign_id', 'content']);
  });
});

describe('units', () => {
  test('a person has percent on the wire, campaigns and tests a fraction', () => {
    expect(good(readUser({ id: 1, phish_prone_percentage: 137.5 })).record.phishPronePercent).toBe(137.5);
    expect(good(readUser({ id: 1, phish_prone_percentage: 0.5 })).record.phishPronePercent).toBe(0.5);
    expect(good(readSecurityTest({ pst_id: 1, phish_prone_percentage: 0.29 })).record.phishPronePercent).toBe(29);
    const campaign = {
      campaign_id: 1,
      last_phish_prone_percentage: 1.0,
      psts: [{ pst_id: 2, phish_prone_percentage: 0.07 }],
    };
    expect(good(readPhishingCampaign(campaign)).record).toMatchObject({
      lastPhishPronePercent: 100,
      tests: [{ id: '2', phishPronePercent: 7 }],
    });
  });

  test('a completion of −1 means that KnowBe4 could not compute it', () => {
    expect(
      good(readTrainingCampaign({ campaign_id: 1, completion_percentage: -1 })).record.completionPercent,
    ).toBeNull();
    expect(good(readTrainingCampaign({ campaign_id: 1, completion_percentage: 62.5 })).record.completionPercent).toBe(
      62.5,
    );
  });

  test('the first failing action makes the failure, opening does not', () => {
    const base = { recipient_id: 1, pst_id: 2, opened_at: '2026-01-01T00:00:00.000Z' };
    expect(good(readRecipient(base)).record.failedAt).toBeNull();
    const failed = { ...base, data_entered_at: '2026-01-03T00:00:00.000Z', clicked_at: '2026-01-02T00:00:00.000Z' };
    expect(good(readRecipient(failed)).record.failedAt).toBe('2026-01-02T00:00:00.000Z');
  });
});

describe('types', () => {
  test('other types than documented are turned into it, and counted by field', () => {
    const coercions: Coercions = new Map();
    const row = {
      id: 1,
      employee_number: 192,
      provisioning_managed: 'false',
      current_risk_score: '41.9',
      joined_on: '2024-02-12T09:30:00+01:00',
      custom_date_1: '1990-11-26T00:00:00.000Z',
      last_sign_in: 'never',
      department: { name: 'x' },
      groups: [1, '2', { id: 3 }, { group_id: 4 }, null],
    };
    const { record } = good(readUser(row, { coercions }));
    expect(record).toMatchObject({
      employeeNumber: '192',
      provisioningManaged: false,
      riskScore: 41.9,
      joinedOn: '2024-02-12T08:30:00.000Z',
      customDate1: '1990-11-26',
      lastSignIn: null,
      department: null,
      groupIds: ['1', '2', '3', '4'],
    });
    expect([...coercions.keys()].sort()).toEqual(
      [
        'current_risk_score',
        'custom_date_1',
        'department',
        'employee_number',
        'joined_on',
        'last_sign_in',
        'provisioning_managed',
      ].sort(),
    );
    readUser(row, { coercions });
    expect(coercions.get('employee_number')).toBe(2);
  });

  test('leading zeros, empty names and non-ASCII text stay as they are', () => {
    const { record } = good(readUser({ id: 1, employee_number: '00192', first_name: '', last_name: 'Łukasiewicz' }));
    expect(record).toMatchObject({ employeeNumber: '00192', firstName: '', lastName: 'Łukasiewicz' });
  });

  test('people without a list of groups differ from people in no group', () => {
    expect(good(readUser({ id: 1 })).record.groupIds).toBeNull();
    expect(good(readUser({ id: 1, groups: [] })).record.groupIds).toEqual([]);
  });

  test('an id that a number cannot hold exactly is not taken for another', () => {
    expect(readUser(JSON.parse('{"id": 90071992547409931}'))).toMatchObject({ bad: 'no_id' });
    expect(good(readUser({ id: '90071992547409931' })).record.id).toBe('90071992547409931');
  });

  test('a policy status is a number or a word; neither counts as a surprise', () => {
    const coercions: Coercions = new Map();
    expect(good(readPolicy({ policy_id: 1, status: 1 }, { coercions })).record.status).toBe('1');
    expect(good(readPolicy({ policy_id: 1, status: 'PUBLISHED' }, { coercions })).record.status).toBe('PUBLISHED');
    expect(coercions.size).toBe(0);
  });

  test('a recipient without its test is bad unless the caller knows the test', () => {
    expect(readRecipient({ recipient_id: 1 })).toMatchObject({ bad: 'no_id' });
    expect(good(readRecipient({ recipient_id: 1 }, { testId: '7', campaignType: 'callback' })).record).toMatchObject({
      testId: '7',
      campaignType: 'callback',
    });
  });

  test('a risk point without a day or a score is bad', () => {
    expect(readRiskPoint({ risk_score: 1.5, date: '2026-03-02' })).toMatchObject({
      record: { riskScore: 1.5, date: '2026-03-02' },
    });
    expect(readRiskPoint({ risk_score: null, date: '2026-03-02' })).toMatchObject({ bad: 'unreadable' });
    expect(readRiskPoint({ risk_score: 1 })).toMatchObject({ bad: 'unreadable' });
  });
});
