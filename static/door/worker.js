// Keeps the scanner's page and what it is made of, so that a phone can reload it without a line. Nothing that is asked
// or sent about people passes through here.

const SHELL = [/* shell */];
const CACHE = `door:${SHELL.join("|")}`;
const LAST = "last-scanner";
const PAGE = /\/door\/[0-9a-z]{16}$/;
const PATIENCE = 4000;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(SHELL)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = async () => {
    const names = await caches.keys();
    await Promise.all(names.filter((name) => name.startsWith("door:") && name !== CACHE).map((name) => caches.delete(name)));
    await self.clients.claim();
    // The page that brought this worker here was loaded before it: it is kept now.
    for (const client of await self.clients.matchAll({ type: "window" })) {
      if (PAGE.test(new URL(client.url).pathname)) await keepPage(client.url).catch(() => {});
    }
  };
  event.waitUntil(old());
});

async function keepPage(url) {
  const answer = await fetch(url, { credentials: "same-origin", redirect: "manual" });
  if (answer.ok) await keep(url, answer);
  return answer;
}

async function keep(url, answer) {
  const cache = await caches.open(CACHE);
  await cache.put(new URL(url).pathname, answer.clone());
  await cache.put(LAST, answer.clone());
}

async function page(request, path) {
  const cache = await caches.open(CACHE);
  try {
    const answer = await Promise.race([
      fetch(request),
      new Promise((_resolve, reject) => setTimeout(reject, PATIENCE)),
    ]);
    if (answer.ok && PAGE.test(path)) await keep(request.url, answer);
    return answer;
  } catch {
    return (await cache.match(PAGE.test(path) ? path : LAST)) ?? Response.error();
  }
}

async function part(request, url) {
  const cache = await caches.open(CACHE);
  const known = await cache.match(url.pathname + url.search);
  if (known && url.searchParams.has("v")) return known; // its address carries the fingerprint of its content
  try {
    return await fetch(request);
  } catch {
    return known ?? Response.error();
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  const scope = new URL(self.registration.scope).pathname;
  if (request.mode === "navigate") {
    if (PAGE.test(url.pathname) || url.pathname === scope) event.respondWith(page(request, url.pathname));
  } else if (SHELL.includes(url.pathname + url.search) || url.pathname.includes("/static/")) {
    event.respondWith(part(request, url));
  }
});
