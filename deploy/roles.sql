-- The three roles, once, as PostgreSQL's administrator. The owner of the tables could switch their guards off, so it
-- serves no request; web and sender get their rights by name after every migration (crisiscomm/rights.py).
-- Run with psql, the three passwords in the environment.
\getenv owner_password OWNER_PASSWORD
\getenv web_password WEB_PASSWORD
\getenv sender_password SENDER_PASSWORD

CREATE ROLE crisiscomm_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE crisiscomm_web LOGIN PASSWORD :'web_password';
CREATE ROLE crisiscomm_sender LOGIN PASSWORD :'sender_password';
CREATE DATABASE crisiscomm OWNER crisiscomm_owner;
