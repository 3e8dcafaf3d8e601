-- name: fact
select value from facts where name = :name;

-- name: set_fact
insert into facts (name, value) values (:name, :value)
on conflict (name) do update set value = excluded.value;

-- name: drop_fact
delete from facts where name = :name;

-- name: ranks
select article_id, rank from articles where article_id in (select value from json_each(:article_ids));

-- name: known
select key, rank, published, signature from articles where article_id = :article_id;

-- name: ring
insert into outbox (key) values (:key) returning change;

-- name: insert_article
insert into articles (article_id, rank, change) values (:article_id, :rank, 0) returning key;

-- name: put_article
update articles
set rank = :rank, change = :change, published = :published, category = :category, signature = :signature,
    article = :article
where key = :key;

-- name: waiting
select max(change) as change, key from outbox group by key order by min(change) limit :limit;

-- name: newest_waiting
select max(change) from outbox;

-- name: is_waiting
select exists (select 1 from outbox where change <= :newest);

-- name: settle
delete from outbox where key = :key and change <= :change;

-- name: newest_change
select coalesce(max(change), 0) from articles;

-- name: flushed_change
select coalesce((select min(change) - 1 from outbox), (select max(change) from articles), 0);

-- name: articles_by_key
select key, article_id, rank, change, published, cluster, article from articles
where key in (select value from json_each(:keys));

-- name: articles_after
select key, article_id, rank, change, published, cluster, article from articles
where key > :key and article is not null order by key limit :limit;

-- name: articles_changed
select key, article_id, rank, change, published, cluster, article from articles
where change > :since and change <= :until order by change limit :limit;

-- name: newest_articles
select key, article_id, rank, change, published, cluster, article from articles
where article is not null order by change desc limit :limit;

-- name: articles_by_id
select key, article_id, rank, change, published, cluster, article,
    (select count(*) - 1 from articles as member where member.cluster = articles.cluster) as copies
from articles where article_id in (select value from json_each(:article_ids));

-- name: hits_by_key
select key, article_id, rank, change, published, cluster, article,
    (select count(*) - 1 from articles as member where member.cluster = articles.cluster) as copies
from articles where key in (select value from json_each(:keys)) and article is not null;

-- name: held
select article_id, rank, category from articles where article_id in (select value from json_each(:article_ids));

-- name: held_after
select key, article_id, rank, category from articles where key > :key order by key limit :limit;

-- name: held_count
select count(*) from articles;

-- name: keys_by_id
select article_id, key from articles
where article_id in (select value from json_each(:article_ids)) and article is not null;

-- name: place_of
select key, cluster from articles where article_id = :article_id and article is not null;

-- name: add_band
insert into bands (band, published, key) values (:band, :published, :key);

-- name: drop_band
delete from bands where band = :band and published = :published and key = :key;

-- name: alike
select articles.key, articles.article_id, articles.published, articles.signature, articles.cluster
from articles
where articles.key <> :key and articles.key in (
    select bands.key from json_each(:bands) as wanted
    join bands on bands.band = wanted.value and bands.published between :earliest and :latest
)
order by articles.published, articles.article_id;

-- name: place_in_time
select published, article_id from articles where key = :key;

-- name: text_of
select published, article_id, signature, cluster from articles where key = :key;

-- name: set_cluster
update articles set cluster = :cluster where key = :key;

-- name: set_change
update articles set change = :change where key = :key;

-- name: counts
select
    (select count(*) from articles where article is not null) as articles,
    (select count(*) from articles where article is null) as retracted,
    (select count(distinct key) from outbox) as waiting;

-- name: live_counts
select
    count(*) filter (where change <= :newest and article is not null) as settled,
    count(*) filter (where change > :newest) as changed
from articles;

-- name: categories
select category, count(*) as articles from articles
where article is not null and category is not null
group by category order by articles desc, category;
