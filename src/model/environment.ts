/*
 * What clients of Truto's API ask for beside accounts. One gateway is one environment, with one integration: KnowBe4.
 */

export const environmentId = 'default';
export const integrationId = 'int_knowbe4';
/** The integration within the environment. */
export const environmentIntegrationId = 'envint_knowbe4';
