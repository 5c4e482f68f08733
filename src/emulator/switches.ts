/** What an emulated service does where KnowBe4's documents, recordings and clients disagree. */
export type Switches = {
  /**
   * `page`: cursor parameters are ignored. `page+cursor`: both work. `cursor-required`: a list call without `cursor`, or
   * with `page`, gets 400. `page-ignored`: `page` has no effect, every answer carries the next cursor.
   */
  readonly pagination: 'page' | 'page+cursor' | 'cursor-required' | 'page-ignored';
  /** Which lists know the cursor when `pagination` offers one. */
  readonly cursorOn: 'all' | 'enrollments';
  readonly cursorCarrier: 'X-Next-Cursor' | 'Link' | 'both';
  /** Which values of `cursor` ask for the first page. */
  readonly cursorStart: 'true' | '0' | 'both';
  /** How the last page says so: no header, or an empty one. */
  readonly cursorEnd: 'absent' | 'empty';
  readonly defaultPerPage: number;
  readonly maxPerPage: number;
  /** What a larger `per_page` gets. */
  readonly overMax: 'cap' | '400';
  /** Rows a page of training campaigns unless `exclude_percentages=true`. */
  readonly campaignsWithPercentages: number;
  readonly limitHeaders: 'none' | 'Retry-After' | 'X-RateLimit' | 'both';
  readonly errorBody: 'empty' | 'error' | 'error+message' | 'errors' | 'html';
  /** What every bad credential gets. */
  readonly badToken: '401' | '200-message';
  /** What a good token gets in another region. */
  readonly wrongRegion: '401' | '404' | 'empty';
  /** `documented`: an array of one for the three phishing details, an object for the others. `mixed`: by the parity of the id. */
  readonly detailShape: 'documented' | 'object' | 'array' | 'mixed';
  readonly landingPage: 'underscore' | 'hyphen';
  readonly provisioning: 'provisioning' | 'adi';
  readonly storePurchaseId: 'store_purchase_id' | 'store_purchased_id';
  /** Training campaigns' `content`: one list, a list in a list, or both by turns with `modules` beside them. */
  readonly content: 'flat' | 'nested' | 'mixed';
  readonly policyStatus: 'integer' | 'string';
  /** `mixed`: every third user's id is printed as a string. */
  readonly userIds: 'number' | 'mixed';
  /** Whether lists without `status` hold archived rows. */
  readonly archivedWithoutStatus: boolean;
  /** Whether keys that newer texts added are there (`qr_code_scanned`, template difficulty and type). */
  readonly newerKeys: boolean;
  /** `trial` leaves out subscription, end date and seats. */
  readonly accountType: 'paid' | 'trial' | 'free';
  /** An account whose people are hidden: the user lists are empty. */
  readonly anonymised: boolean;
  /** One group whose risk history answers 500 for ever. */
  readonly brokenGroupHistory: boolean;
  /** After every page that is not the last, somebody is deleted and somebody else joins. */
  readonly mutateDuringPagination: boolean;
  /** The headers that the content delivery network adds. */
  readonly deliveryHeaders: boolean;
  /** What a bad key of the User Event API gets. */
  readonly badEventsKey: '500' | '401';
  /** How long a posted user event waits until it is processed, in the world's milliseconds. */
  readonly eventsDelayMs: number;
  /** What the product token may do: a read-only one gets an error for every mutation. */
  readonly productAccess: 'read' | 'read+write';
  /** From the first write to SCIM until the sync that applies it, in the world's milliseconds: half of it waiting, half at work. */
  readonly scimSyncDelayMs: number;
  /** A sync that is asked for sooner after the last one is skipped. */
  readonly scimMinIntervalMs: number;
  /** Whether a sync archives people, and groups of provisioning, that the SCIM store does not hold. */
  readonly scimAuthoritativeArchive: boolean;
  /** Whether `displayName` is the manager's name; if not, that is the name of whom `manager` refers to. */
  readonly scimDisplayNameIsManager: boolean;
  /** What another `userName` of the same SCIM id does: the account is renamed, or archived and a second one made. */
  readonly scimRenameById: 'keep' | 'duplicate';
  /** Whether a POST of an archived person's address brings this person back; if not, its sync reports an error. */
  readonly scimRestoreByPost: boolean;
  /** Whether a group of SCIM takes over the console group of its name; if not, there are two. */
  readonly scimClaimGroups: boolean;
  /** Whether the SCIM id is the `externalId` where there is one. */
  readonly scimIdIsExternalId: boolean;
  /** What `provisioning_guid` shows. */
  readonly scimProvisioningGuid: 'externalId' | 'id';
  /** What a sync does with more people than seats: an error for each beyond them, or nothing. */
  readonly scimSeats: 'refuse' | 'allow';
};

export type Profile = 'documented' | 'recorded' | 'next' | 'hostile';

const documented: Switches = {
  pagination: 'page+cursor',
  cursorOn: 'enrollments',
  cursorCarrier: 'X-Next-Cursor',
  cursorStart: 'both',
  cursorEnd: 'absent',
  defaultPerPage: 100,
  maxPerPage: 500,
  overMax: 'cap',
  campaignsWithPercentages: 10,
  limitHeaders: 'none',
  errorBody: 'error+message',
  badToken: '401',
  wrongRegion: '401',
  detailShape: 'documented',
  landingPage: 'hyphen',
  provisioning: 'provisioning',
  storePurchaseId: 'store_purchase_id',
  content: 'nested',
  policyStatus: 'integer',
  userIds: 'number',
  archivedWithoutStatus: true,
  newerKeys: true,
  accountType: 'paid',
  anonymised: false,
  brokenGroupHistory: false,
  mutateDuringPagination: false,
  deliveryHeaders: false,
  badEventsKey: '500',
  eventsDelayMs: 2000,
  productAccess: 'read+write',
  scimSyncDelayMs: 60_000,
  scimMinIntervalMs: 900_000,
  scimAuthoritativeArchive: true,
  scimDisplayNameIsManager: true,
  scimRenameById: 'keep',
  scimRestoreByPost: true,
  scimClaimGroups: true,
  scimIdIsExternalId: false,
  scimProvisioningGuid: 'externalId',
  scimSeats: 'refuse',
};

/**
 * `documented`: the guide of 25 Sep 2025. `recorded`: headers and spellings of the EU answers of November 2021.
 * `next`: as announced, cursors alone. `hostile`: every oddity that some source reports, at once.
 */
export const profiles: Record<Profile, Switches> = {
  documented,
  recorded: {
    ...documented,
    pagination: 'page',
    landingPage: 'underscore',
    provisioning: 'adi',
    content: 'flat',
    newerKeys: false,
    deliveryHeaders: true,
  },
  next: { ...documented, pagination: 'page-ignored', cursorOn: 'all', landingPage: 'underscore', content: 'flat' },
  hostile: {
    ...documented,
    cursorOn: 'all',
    cursorCarrier: 'both',
    cursorStart: 'true',
    cursorEnd: 'empty',
    limitHeaders: 'Retry-After',
    errorBody: 'html',
    badToken: '200-message',
    wrongRegion: 'empty',
    detailShape: 'mixed',
    provisioning: 'adi',
    storePurchaseId: 'store_purchased_id',
    content: 'mixed',
    policyStatus: 'string',
    userIds: 'mixed',
    archivedWithoutStatus: true,
    brokenGroupHistory: true,
    deliveryHeaders: true,
    scimRenameById: 'duplicate',
    scimClaimGroups: false,
    scimProvisioningGuid: 'id',
  },
};
