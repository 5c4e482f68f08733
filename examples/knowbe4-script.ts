/**
 * A script as it is written for KnowBe4 itself: it knows nothing of Foreknow. KNOWBE4_URL is the gateway's address, KNOWBE4_API_KEY an account
 * token (`foreknow keys account acme`) in place of KnowBe4's key. Its requests are then counted in one budget with everybody else's.
 */
const base = process.env.KNOWBE4_URL ?? 'https://us.api.knowbe4.com';
const headers = { authorization: `Bearer ${process.env.KNOWBE4_API_KEY}` };

type User = { id: number; email: string; current_risk_score: number };

const risky: User[] = [];
for (let page = 1; ; page += 1) {
  const answer = await fetch(`${base}/v1/users?status=active&per_page=100&page=${page}`, { headers });
  if (!answer.ok) throw new Error(`KnowBe4 answered ${answer.status}`);
  const users = (await answer.json()) as User[];
  risky.push(...users.filter((user) => user.current_risk_score >= 40));
  if (users.length < 100) break;
}
for (const { id, email, current_risk_score } of risky) console.log(id, email, current_risk_score);
