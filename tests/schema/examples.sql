INSERT INTO users (username, email, full_name, password_hash, role, assigned_countries)
VALUES ('jnovak', 'jan.novak@indexus.sk', 'Ján Novák', '$2b$10$...', 'manager', ARRAY['SK', 'CZ']);

INSERT INTO roles (id, name, description, department, is_system)
VALUES (gen_random_uuid(), 'Sales Manager', 'Manages sales team', 'sales', false);

INSERT INTO customers (first_name, last_name, email, country, client_status)
VALUES ('Jana', 'Kovacova', 'jana.kovacova@email.sk', 'SK', 'potential');

INSERT INTO collaborators (first_name, last_name, country_code, collaborator_type, email)
VALUES ('MUDr. Peter', 'Horák', 'SK', 'doctor', 'peter.horak@nemocnica.sk');

INSERT INTO hospitals (name, city, country_code, is_active)
VALUES ('Univerzitná nemocnica Bratislava', 'Bratislava', 'SK', true);

INSERT INTO clinics (name, doctor_name, city, country_code, website)
VALUES ('Gynekologická ambulancia', 'MUDr. Mária Nová', 'Košice', 'SK', 'https://gyn-nova.sk');
