// Tells the server the reader's time zone; the next page comes in it.
{
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const told = document.cookie.split("; ").includes(`platform_zone=${zone}`);
  if (zone && !told) document.cookie = `platform_zone=${zone}; path=/admin/; max-age=31536000; SameSite=Lax`;
}
