/** JSON `[[after, until], …]`: numbers that were left out when the store was put back from a copy, so that none is given twice. */
export const logGaps = (): readonly string[] => ["alter table log_head add column gaps text not null default '[]'"];
