/** An erased person is known again by several marks: `person` is that of their id, so that they are let in again as a whole. Null: the mark itself. */
export const erasedNames = (): readonly string[] => ['alter table erased_source_people add column person text'];
