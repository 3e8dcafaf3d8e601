-- What an index is, beside its articles: the folder of its words, for instance.
create table if not exists facts (
    name text primary key,
    value text not null
) strict, without rowid;

-- The version authority. A retracted article stays as a tombstone, so nothing older can bring it back.
-- `rank` is twice the version, plus one for a retraction (shared/search/versions.py). `change` is the number of the
-- change that brought the article here, as in the outbox. `cluster` is the key of the oldest near-duplicate, its own
-- key included, and null while there is none. `published` is in seconds since 1970, `article` JSON.
create table if not exists articles (
    key integer primary key,
    article_id text not null unique,
    rank integer not null,
    change integer not null,
    published integer,
    category text,
    cluster integer,
    signature blob,
    article blob
) strict;

create index if not exists articles_by_change on articles (change);
create index if not exists articles_by_cluster on articles (cluster) where cluster is not null;
create index if not exists articles_by_category on articles (category) where article is not null;
create index if not exists articles_retracted on articles (change) where article is null;

-- Articles whose words are not in the word index yet, in the order of their changes.
create table if not exists outbox (
    change integer primary key autoincrement,
    key integer not null
) strict;

create index if not exists outbox_by_key on outbox (key);

-- Near-duplicates are looked up by bands of their signature, within some days; see shared/search/duplicates.py.
create table if not exists bands (
    band integer not null,
    published integer not null,
    key integer not null,
    primary key (band, published, key)
) strict, without rowid;
