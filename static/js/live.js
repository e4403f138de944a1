// Live lists: the server says "changed", the fragment is fetched, rows are swapped where they stand.
const list = document.querySelector('[data-live]');
if (list && 'EventSource' in window) {
  const banner = document.querySelector('[data-live-banner]');
  const say = document.querySelector('[data-live-say]');
  const zone = list.dataset.zone || undefined;
  let source, lost, wait, busy = false, again = false, spoken = '', count = 0;

  const held = row => row.matches(':hover') || row.contains(document.activeElement);
  const put = (row, fresh) => {
    if (row.outerHTML === fresh.outerHTML || held(row)) return;
    row.replaceWith(fresh);
    count++;
  };
  const refresh = async () => {
    if (busy) return void (again = true);
    busy = true;
    try {
      const url = new URL(list.dataset.liveFragment || location.href, location.href);
      new URLSearchParams(location.search).forEach((v, k) => url.searchParams.has(k) || url.searchParams.set(k, v));
      url.searchParams.set('fragment', '1');
      const answer = await fetch(url);
      if (!answer.ok || answer.redirected) return;
      const doc = new DOMParser().parseFromString(`<table>${await answer.text()}</table>`, 'text/html');
      const fresh = [...doc.querySelectorAll('[data-row][id]')];
      const ids = new Set(fresh.map(r => r.id));
      const body = list.tBodies?.[0] ?? list;
      let before = null;
      for (const row of fresh) {
        const old = document.getElementById(row.id);
        if (old) put(old, row);
        else (count++, before) ? before.after(row) : body.prepend(row);
        before = document.getElementById(row.id);
      }
      for (const row of body.querySelectorAll('[data-row][id]')) if (!ids.has(row.id) && !held(row)) { row.remove(); count++; }
      const none = document.querySelector('.empty');
      if (none) list.hidden = !(none.hidden = fresh.length > 0);
      for (const part of doc.querySelectorAll('[data-live-part][id]')) {
        const old = document.getElementById(part.id);
        if (old && !held(old)) old.replaceWith(part);
      }
      // One sentence: the list's own, with {n} changed rows, or the one the event brought.
      const sentence = list.dataset.liveText;
      if (say) say.textContent = sentence ? (count ? sentence.replace('{n}', count) : '') : spoken;
      count = 0;
    } catch { /* the banner tells when the line stays dead */ } finally {
      busy = false;
      if (again) { again = false; refresh(); }
    }
  };
  const alive = () => {
    clearTimeout(lost);
    lost = undefined;
    // A word that was still under way is no sign of a line.
    if (banner && !banner.hidden && navigator.onLine) { banner.hidden = true; refresh(); }
  };
  const dead = () => {
    if (lost) return;
    const time = new Date().toLocaleTimeString(document.documentElement.lang || 'en', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: zone });
    lost = setTimeout(() => {
      if (!banner) return;
      banner.textContent = (banner.dataset.text ?? '').replace('{time}', time);
      banner.hidden = false;
    }, 30000);
  };
  const changed = e => {
    alive();
    spoken = e.data || ''; // one sentence, in the reader's language, from the server
    clearTimeout(wait);
    wait = setTimeout(refresh, 250);
  };
  const open = () => {
    source = new EventSource(list.dataset.live);
    source.onopen = alive;
    source.onmessage = changed;
    source.addEventListener('changed', changed);
    source.addEventListener('ping', alive);
    source.onerror = () => {
      dead();
      if (source.readyState === EventSource.CLOSED) setTimeout(open, 5000);
    };
  };
  open();
  addEventListener('pagehide', () => source.close());
  addEventListener('pageshow', e => e.persisted && (open(), refresh()));
}
