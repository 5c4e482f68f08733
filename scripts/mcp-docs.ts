/** Writes docs/mcp.md from the registry of tools. A test compares the file. */
import { writeFileSync } from 'node:fs';
import { mcpPage } from '../src/mcp/page.ts';

writeFileSync(new URL('../docs/mcp.md', import.meta.url), mcpPage());
